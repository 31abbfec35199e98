"""Works with one repository by PyGithub. Prints each call that was refused, with its status."""
import sys

from github import Github, GithubException

repo = Github(base_url=sys.argv[1], retry=None, lazy=True).get_repo("acme/app")


def tried(name, call):
    try:
        call()
        print(name, "passed")
    except GithubException as refused:
        print(name, refused.status, refused.data["data"].split(": ")[1])


issue = repo.get_issue(17)
tried("issue.comments", lambda: list(issue.get_comments()))
tried("issue.comment", lambda: issue.create_comment("Thank you."))
tried("issue.labels", lambda: issue.add_to_labels("bug"))
tried("issue.unlabel", lambda: issue.remove_from_labels("bug"))
tried("issue.close", lambda: issue.edit(state="closed"))
tried("issues", lambda: list(repo.get_issues(state="open")))
tried("issue.create", lambda: repo.create_issue("title", body="text", labels=["bug"]))
tried("labels", lambda: list(repo.get_labels()))
tried("milestones", lambda: list(repo.get_milestones()))
tried("branches", lambda: list(repo.get_branches()))
tried("branch", lambda: repo.get_branch("main"))
tried("ref", lambda: repo.get_git_ref("heads/main"))
tried("ref.create", lambda: repo.create_git_ref("refs/heads/fix-17", "a1"))
tried("contents", lambda: repo.get_contents("docs/a.txt", ref="main"))
tried("file.create", lambda: repo.create_file("docs/a b.txt", "m", "x", branch="fix-17"))
tried("file.update", lambda: repo.update_file("docs/a.txt", "m", "x", "sha", branch="fix-17"))
tried("file.delete", lambda: repo.delete_file("docs/a.txt", "m", "sha", branch="fix-17"))
tried("commits", lambda: list(repo.get_commits(sha="main")))
tried("commit", lambda: repo.get_commit("a1"))
tried("compare", lambda: repo.compare("main", "fix-17"))
tried("pulls", lambda: list(repo.get_pulls(state="open", base="main")))
tried("pull.create", lambda: repo.create_pull(base="main", head="fix-17", title="t", body="b"))
pull = repo.get_pull(3)
tried("pull.files", lambda: list(pull.get_files()))
tried("pull.reviews", lambda: list(pull.get_reviews()))
tried("pull.review", lambda: pull.create_review(body="b", event="COMMENT"))
tried("pull.merge", lambda: pull.merge())
tried("releases", lambda: list(repo.get_releases()))
tried("release.latest", lambda: repo.get_latest_release())
tried("release.create", lambda: repo.create_git_release("v1", "v1", "text", draft=True))
tried("workflows", lambda: list(repo.get_workflows()))
tried("runs", lambda: list(repo.get_workflow_runs(branch="main")))
tried("secrets", lambda: list(repo.get_secrets()))
tried("hook", lambda: repo.create_hook("web", {"url": "https://example.org"}))
tried("workflow.file", lambda: repo.create_file(".github/workflows/ci.yml", "m", "x", branch="fix-17"))
tried("collaborator", lambda: repo.add_to_collaborators("mallory"))
