package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ask is a list that boto3 asks for, and how many items it has.
type ask struct {
	Operation string         `json:"operation"`
	Arguments map[string]any `json:"arguments"`
	Count     int            `json:"count"`
}

// asks is what pages.py reads.
type asks struct {
	Service string   `json:"service"`
	Asks    []ask    `json:"asks"`
	All     []string `json:"all"`
	Users   int      `json:"users"`
	Account string   `json:"account"`
}

// namesOf are the operations of a service.
func namesOf(service string) (names []string) {
	for o := range operations() {
		if o.service == service {
			names = append(names, o.name)
		}
	}
	return names
}

// boto3 has pages.py ask the server.
func (s *server) boto3(t *testing.T, k key, wanted asks) {
	t.Helper()
	in, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-B", filepath.Join("testdata", "pages.py"), s.url)
	cmd.Stdin = bytes.NewReader(in)
	out := run(t, cmd, append(cleanEnv(t), "HOME="+os.Getenv("HOME"), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID="+k.ID, "AWS_SECRET_ACCESS_KEY="+k.Secret))
	t.Log(out.stderr)
	if out.code != 0 {
		t.Errorf("boto3: %s", out.stdout)
	}
}

// roomy are the quotas that a hundred of everything takes.
var roomy = []string{
	"UsersPerAccount=20000", "GroupsPerUser=100", "MFADevicesPerUser=100", "SSHPublicKeysPerUser=100", "ServerCertificatesPerAccount=100",
	"PoliciesPerUser=100", "PoliciesPerGroup=100", "PoliciesPerRole=100", "VersionsPerPolicy=50",
	"InlinePolicySizePerUser=20480", "InlinePolicySizePerGroup=20480", "InlinePolicySizePerRole=20480",
}

// boto3's paginators give everything once, and its waiters see what there is, with one
// of everything, with a hundred, and with ten thousand users.
func TestBoto3Pages(t *testing.T) {
	t.Parallel()
	var flags []string
	for _, quota := range roomy {
		flags = append(flags, "--quota", quota)
	}
	s := start(t, withFlags(flags...), withTransport(&http.Transport{MaxIdleConnsPerHost: callers}))
	for _, n := range []int{1, 100} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			account, k := rootKeyOf(t, s, "create", fmt.Sprintf("boto%d", n))
			p := populate(t, s.iam(k), account, n)
			s.boto3(t, k, asks{Service: "iam", Asks: p.asks, All: namesOf("iam"), Users: n, Account: account})
			s.countByCLI(t, k, n)
		})
	}
	t.Run("10000 users", func(t *testing.T) {
		t.Parallel()
		const n = 10_000
		_, k := rootKeyOf(t, s, "create", "boto10000")
		now := time.Now()
		together(n, func(i int) error { // without the SDK, which takes longer than the server
			r := s.form(t, fmt.Sprintf("Action=CreateUser&Version=2010-05-08&UserName=user-%05d", i))
			if got := s.send(t, sign(t, r, k, "iam", now)); got.status != http.StatusOK {
				return errors.New(got.body)
			}
			return nil
		}).check(t)
		s.boto3(t, k, asks{Service: "iam", Users: n, Asks: []ask{
			{"ListUsers", map[string]any{}, n},
			{"ListUsers", map[string]any{"PathPrefix": "/"}, n},
			{"GetAccountAuthorizationDetails", map[string]any{"Filter": []string{"User"}}, n},
		}})
	})
}

// countByCLI counts users in what the AWS CLI prints of the account as a whole.
func (s *server) countByCLI(t *testing.T, k key, users int) {
	t.Helper()
	r := s.bash(t, strings.Join([]string{
		k.as("aws iam generate-credential-report --query State --output text"),
		k.as("aws iam get-credential-report --query Content --output text") + " | base64 -d | wc -l",
		k.as("aws iam get-account-authorization-details --query 'length(UserDetailList)' --output json"),
	}, " && "))
	// The report has a line of names, one of root, and no end of line after the last; one
	// more user came to be after it, for the waiters.
	want := fmt.Sprintf("COMPLETE\n%d\n%d\n", users+1, users+1)
	if r.code != 0 || r.stdout != want {
		t.Errorf("the CLI counts %q %s, want %q", r.stdout, r.stderr, want)
	}
}

// outcome is the first error of calls made together.
type outcome struct{ err error }

func (o outcome) check(t *testing.T) {
	t.Helper()
	if o.err != nil {
		t.Fatal(o.err)
	}
}

// callers is how many calls together makes at a time.
const callers = 32

// together calls do with the numbers below n, many at a time.
func together(n int, do func(i int) error) outcome {
	errs := make([]error, callers)
	var wait sync.WaitGroup
	for c := range callers {
		wait.Go(func() {
			for i := c; i < n && errs[c] == nil; i += callers {
				errs[c] = do(i)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return outcome{err}
		}
	}
	return outcome{}
}
