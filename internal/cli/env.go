package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/server"
)

var envCommand = command{
	name:  "env",
	short: "print shell lines that point the AWS CLI and SDKs at the server",
	about: `
Prints shell lines for the data folder's server and root user:

  eval "$(iamd env)"

They name the credentials and config files in the data folder, and the server's
address. For an AWS CLI that is too old to know AWS_ENDPOINT_URL (before 2.13 and
1.29) they also wrap the aws command so that it passes the address itself.`,
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var data string
		dataFlag(flags, &data)
		return func(ctx context.Context, env Env, args []string) error {
			if len(args) > 0 {
				return usageError("env takes no arguments, only flags: %q", args[0])
			}
			folder, err := filepath.Abs(data)
			if err != nil {
				return err
			}
			client, err := server.ReadClientFiles(folder)
			if err != nil {
				return err
			}
			printEnv(env.Stdout, client, knowsEndpointURL(ctx))
			return nil
		}
	},
}

func printEnv(w io.Writer, c server.ClientFiles, endpointKnown bool) {
	// Variables that would win over the files.
	fmt.Fprintln(w, "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL_IAM AWS_ENDPOINT_URL_STS AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
	export := func(name, value string) { fmt.Fprintf(w, "export %s=%s\n", name, shellQuote(value)) }
	export("AWS_SHARED_CREDENTIALS_FILE", c.Credentials)
	export("AWS_CONFIG_FILE", c.Config)
	export("AWS_ENDPOINT_URL", c.Endpoint)
	export("AWS_PAGER", "")
	export("AWS_EC2_METADATA_DISABLED", "true")
	if c.CABundle != "" {
		export("AWS_CA_BUNDLE", c.CABundle)
	}
	if !endpointKnown {
		fmt.Fprintln(w, `aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }`)
	}
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var cliVersion = regexp.MustCompile(`^aws-cli/(\d+)\.(\d+)\.`)

// knowsEndpointURL reports whether the installed AWS CLI, if there is one,
// reads AWS_ENDPOINT_URL: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func knowsEndpointURL(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "aws", "--version").CombinedOutput() // version 1 writes to standard error
	if err != nil {
		return true
	}
	m := cliVersion.FindSubmatch(out)
	if m == nil {
		return true
	}
	major, _ := strconv.Atoi(string(m[1]))
	minor, _ := strconv.Atoi(string(m[2]))
	return major > 2 || major == 2 && minor >= 13 || major == 1 && minor >= 29
}
