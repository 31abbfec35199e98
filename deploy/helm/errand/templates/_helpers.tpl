{{/* The release's name for objects: a DNS label that begins with a letter and leaves room for -operators and a revision's hash. */}}
{{- define "errand.fullname" -}}
{{- $plain := printf "%s-errand" .Release.Name -}}
{{- $name := $plain | replace "." "-" -}}
{{- if regexMatch "^[0-9]" $name }}{{ $name = printf "r-%s" $name }}{{ end -}}
{{- if or (gt (len $name) 52) (contains "." $plain) -}}
{{- printf "%s-%s" (trunc 43 $name | trimSuffix "-") (sha256sum $plain | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods; never changed, since Kubernetes does not change a selector. */}}
{{- define "errand.selector" -}}
app.kubernetes.io/name: errand
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "errand.labels" -}}
{{ include "errand.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "errand.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "errand.pullPolicy" -}}
{{ .Values.image.pullPolicy | default (ternary "IfNotPresent" "Always" (not (empty .Values.image.digest))) }}
{{- end -}}

{{- define "errand.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "errand.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end -}}

{{/* A key of a ConfigMap for a path, which may have no slash. */}}
{{- define "errand.key" -}}
{{ . | replace "/" "__" }}
{{- end -}}

{{/* The directory /etc/errand: one volume, whose files the kubelet changes all at once. */}}
{{- define "errand.config" -}}
- name: config
  projected:
    defaultMode: 0444
    sources:
      - configMap:
          {{- if .Values.config.files }}
          name: {{ include "errand.fullname" . }}-config
          items:
            {{- range $path, $text := .Values.config.files }}
            - {key: {{ include "errand.key" $path | quote }}, path: {{ $path | quote }}}
            {{- end }}
          {{- else }}
          name: {{ .Values.config.existingConfigMap }}
          items:
            {{- range $path, $key := .Values.config.items }}
            - {key: {{ $key | quote }}, path: {{ $path | quote }}}
            {{- end }}
          {{- end }}
      {{- with .Values.config.sources }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
- name: keys
  secret: {secretName: {{ .Values.secret }}, defaultMode: 0440}
{{- $files := compact (list .Values.redis.passwordKey .Values.redis.authoritiesKey) }}
{{- if $files }}
- name: redis
  secret:
    secretName: {{ .Values.redisSecret }}
    defaultMode: 0440
    items:
      {{- range $files }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}
{{- end -}}

{{/* Where the directory and the private files are mounted: whole folders, since a file that is mounted by subPath never changes. */}}
{{- define "errand.mounts" -}}
- {name: config, mountPath: /etc/errand, readOnly: true}
- {name: keys, mountPath: /keys, readOnly: true}
{{- if or .Values.redis.passwordKey .Values.redis.authoritiesKey }}
- {name: redis, mountPath: /redis, readOnly: true}
{{- end }}
{{- end -}}

{{/* What the gateway's own properties are in this chart. */}}
{{- define "errand.arguments" -}}
- --config
- /etc/errand
- --errand.keys=file:/keys/keys.jwks
- --errand.operator.token=file:/keys/operator-token
- --errand.provenance.directory=/var/lib/errand/provenance
{{- with .Values.provenance.retain }}
- --errand.provenance.retain={{ . }}
{{- end }}
{{- with .Values.redis }}
{{- with .username }}
- {{ printf "--errand.state.username=%s" . | quote }}
{{- end }}
{{- with .passwordKey }}
- --errand.state.password=file:/redis/{{ . }}
{{- end }}
{{- with .authoritiesKey }}
- --errand.state.authorities=file:/redis/{{ . }}
{{- end }}
{{- end }}
- --management.server.address=0.0.0.0
- --errand.operator.advertise=${OPERATOR_URL:https://localhost:9090}
{{- if .Values.operators.tlsSecret }}
- --spring.ssl.bundle.pem.operators.keystore.certificate=file:/operators/tls.crt
- --spring.ssl.bundle.pem.operators.keystore.private-key=file:/operators/tls.key
{{- with .Values.operators.authoritiesKey }}
- --spring.ssl.bundle.pem.operators.truststore.certificate=file:/operators/{{ . }}
{{- end }}
- --spring.ssl.bundle.pem.operators.reload-on-update=true
- --management.server.ssl.bundle=operators
{{- else }}
- --management.server.ssl.enabled=false
{{- end }}
{{- range .Values.properties }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Where other gateways ask. Not for what only checks the configuration. */}}
{{- define "errand.decisions" -}}
{{- with .Values.decisionService }}
{{- if eq .by "socket" }}
- --errand.decision-service.listen=unix:/run/errand/decide.sock
{{- else if eq .by "service" }}
- --errand.decision-service.listen=0.0.0.0:9443
- --errand.decision-service.tls.certificate=file:/decisions/tls.crt
- --errand.decision-service.tls.key=file:/decisions/tls.key
- --errand.decision-service.tls.clients=file:/decisions/ca.crt
{{- range $at, $name := .names }}
- {{ printf "--errand.decision-service.tls.names[%d]=%s" $at $name | quote }}
{{- end }}
{{- end }}
{{- if .by }}
- --errand.decision-service.client-certificate={{ .clientCertificate }}
- --errand.decision-service.streams={{ int64 .streams }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "errand.environment" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: OPERATOR_URL
  value: {{ .Values.operators.advertise | default (printf "https://$(POD_NAME).%s-operators.%s.svc:9090" (include "errand.fullname" .) .Release.Namespace) | quote }}
- name: ERRAND_STATE_REDIS
  {{- if .Values.redis.url }}
  value: {{ .Values.redis.url | quote }}
  {{- else }}
  valueFrom: {secretKeyRef: {name: {{ .Values.redisSecret }}, key: url}}
  {{- end }}
{{- with .Values.javaOptions }}
- name: _JAVA_OPTIONS
  value: {{ join " " . | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What the user and the groups are: what is null the platform chooses. */}}
{{- define "errand.identity" -}}
{{- range $key := list "runAsUser" "runAsGroup" }}
{{- with index $.Values.security $key }}
{{ $key }}: {{ int64 . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "errand.podSecurity" -}}
runAsNonRoot: true
{{- include "errand.identity" . }}
{{- with .Values.security.fsGroup }}
fsGroup: {{ int64 . }}
{{- end }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "errand.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- include "errand.identity" . }}
capabilities: {drop: [ALL]}
{{- end -}}

{{/* A size in Gi as a number, since the API writes 1024Gi as 1Ti. */}}
{{- define "errand.gibibytes" -}}
{{- if hasSuffix "Ti" . }}{{ mul 1024 (trimSuffix "Ti" . | int64) }}{{ else }}{{ trimSuffix "Gi" . }}{{ end -}}
{{- end -}}
