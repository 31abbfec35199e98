-- Drives wrk with the calls that SignedCalls wrote: each thread takes its share of the lines, each line once.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  calls = {}
  local all = tonumber(args[2])
  local line = 0
  for text in io.lines(args[1]) do
    if line % all == number then calls[#calls + 1] = text end
    line = line + 1
  end
  taken = 0
end

function request()
  taken = taken + 1
  local text = calls[taken]
  if not text then
    wrk.thread:stop()
    text = calls[#calls]
  end
  local token, proof = text:match("^(.-)\t(.*)$")
  return wrk.format("GET", nil, { Authorization = token, DPoP = proof })
end

function done(summary, latency)
  io.write(string.format("%d answers in %.1f s, %d not 2xx or 3xx, p50 %.2f ms, p99 %.2f ms\n",
    summary.requests, summary.duration / 1e6, summary.errors.status,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
