// Dispatches a workflow and follows its runs with Gitea's own library, which asks for the server's version first.
// usage: gitea-client ADDRESS OWNER REPOSITORY dispatch WORKFLOW REF | runs | run NUMBER | artifacts NUMBER
package main

import (
	"fmt"
	"os"
	"strconv"

	"code.gitea.io/sdk/gitea"
)

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: gitea-client ADDRESS OWNER REPOSITORY COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(address, owner, repository, command string, arguments []string) error {
	// The library asks for the version when a client is made. One that was built from source answers "development", which it
	// does not compare: so it is asked here, and not held to be of some version.
	client, err := gitea.NewClient(address, gitea.SetToken("of-the-agent"), gitea.SetGiteaVersion(""))
	if err != nil {
		return err
	}
	if _, _, err := client.ServerVersion(); err != nil {
		return err
	}
	switch {
	case command == "dispatch" && len(arguments) == 2:
		option := gitea.CreateActionWorkflowDispatchOption{Ref: arguments[1]}
		_, _, err = client.DispatchRepoActionWorkflow(owner, repository, arguments[0], option, false)
		if err == nil {
			fmt.Println("dispatched")
		}
	case command == "runs" && len(arguments) == 0:
		runs, _, failed := client.ListRepoActionRuns(owner, repository, gitea.ListRepoActionRunsOptions{Status: "queued"})
		if err = failed; err == nil {
			for _, one := range runs.WorkflowRuns {
				fmt.Println("run", one.ID, one.Path)
			}
		}
	case (command == "run" || command == "artifacts") && len(arguments) == 1:
		number, failed := strconv.ParseInt(arguments[0], 10, 64)
		if failed != nil {
			return failed
		}
		if command == "artifacts" {
			_, _, err = client.ListRepoActionRunArtifacts(owner, repository, number, gitea.ListActionArtifactsOptions{})
			return err
		}
		one, _, failed := client.GetRepoActionRun(owner, repository, number)
		if err = failed; err == nil {
			fmt.Println("run", one.ID, one.Path)
		}
	default:
		err = fmt.Errorf("there is no command %q with %d arguments", command, len(arguments))
	}
	return err
}
