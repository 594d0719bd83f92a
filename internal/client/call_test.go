package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
)

// clientOf is a client whose requests a function answers.
func clientOf(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ENDPOINT_URL": server.URL,
	} {
		t.Setenv(name, value)
	}
	c, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func requestOf(t *testing.T, name string, words ...string) Request {
	t.Helper()
	svc, op := named(t, name)
	tree, err := Arguments(op, words)
	if err != nil {
		t.Fatal(err)
	}
	in, err := Input(svc, op, tree, RandomToken)
	if err != nil {
		t.Fatal(err)
	}
	return Request{Service: svc, Operation: op, Region: "eu-west-1", Input: in}
}

const refused = "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error></ErrorResponse>"

// What may have been carried out is repeated only where that does no harm.
func TestTriesAgain(t *testing.T) {
	read, write := requestOf(t, "iam get-user"), requestOf(t, "iam create-user", "--user-name", "Bob")
	token := requestOf(t, "secretsmanager rotate-secret", "--secret-id", "s")
	for _, c := range []struct {
		name     string
		request  Request
		status   int // 0: the connection breaks
		code     string
		tries    int
		doubtful bool
	}{
		{"a refusal", read, 404, "NoSuchEntity", 1, false},
		{"throttled", write, 400, "Throttling", 3, false},
		{"away", write, 503, "ServiceUnavailable", 3, false},
		{"broken, reading", read, 500, "ServiceFailure", 3, false},
		{"broken, writing", write, 500, "ServiceFailure", 1, true},
		{"broken, with a token", token, 500, "HTTP500", 3, false},
		{"cut, reading", read, 0, "", 3, false},
		{"cut, writing", write, 0, "", 1, true},
		{"not built", read, 501, "NotImplemented", 1, false},
	} {
		var tries atomic.Int32
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			if tries.Add(1); c.status == 0 {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(c.status)
			fmt.Fprintf(w, refused, c.code)
		})
		_, err := client.Call(t.Context(), c.request)
		if e, ok := errors.AsType[*awserr.Error](err); c.status > 0 && (!ok || e.Code != c.code || e.Status != c.status) {
			t.Errorf("%s: got %v", c.name, err)
		}
		if _, doubtful := errors.AsType[*Doubtful](err); err == nil || doubtful != c.doubtful || int(tries.Load()) != c.tries {
			t.Errorf("%s: got %v after %d tries, want %d, doubtful %v", c.name, err, tries.Load(), c.tries, c.doubtful)
		}
	}
}

func TestFollowsPages(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		page := "<IsTruncated>true</IsTruncated><Marker>m</Marker>"
		if strings.Contains(string(body), "Marker=m") {
			page = "<IsTruncated>false</IsTruncated>"
		}
		fmt.Fprintf(w, "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases><member>a</member></AccountAliases>%s</ListAccountAliasesResult></ListAccountAliasesResponse>", page)
	})
	reply, err := client.CallAll(t.Context(), requestOf(t, "iam list-account-aliases"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(reply.Tree()); got != "map[AccountAliases:[a a] IsTruncated:false]" {
		t.Errorf("got %s", got)
	}
}

func TestEndpoints(t *testing.T) {
	for _, c := range []struct{ service, region, url, signing string }{
		{"iam", "eu-west-2", "https://iam.amazonaws.com", "us-east-1"},
		{"iam", "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"iam", "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
		{"organizations", "eu-west-2", "https://organizations.us-east-1.amazonaws.com", "us-east-1"},
		{"sts", "eu-west-2", "https://sts.eu-west-2.amazonaws.com", "eu-west-2"},
		{"secretsmanager", "cn-north-1", "https://secretsmanager.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"ssm", "us-iso-east-1", "", ""},
	} {
		client := Client{endpoints: func(string) string { return "" }}
		url, signing, _ := client.endpoint(Service(c.service), c.region)
		if url != c.url || signing != c.signing {
			t.Errorf("%s in %s: got %s for %s", c.service, c.region, url, signing)
		}
	}
}

// The environment says where a service is: its own variable before that for all.
func TestConfiguredEndpoints(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:2")
	client := clientOf(t, func(http.ResponseWriter, *http.Request) {})
	if got := client.endpoints("secretsmanager"); got != "http://127.0.0.1:2" {
		t.Errorf("secretsmanager: got %s", got)
	}
	if got := client.endpoints("iam"); !strings.HasPrefix(got, "http://127.0.0.1:") || got == "http://127.0.0.1:2" {
		t.Errorf("iam: got %s", got)
	}
	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
	client, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := client.endpoints("iam"); got != "" {
		t.Errorf("ignored: got %s", got)
	}
	for _, url := range []string{"127.0.0.1:1", "ftp://a", "http://", "http://u:p@a", "http://a?b"} {
		if _, err := New(t.Context(), Options{Endpoint: url}); err == nil {
			t.Errorf("%s was taken", url)
		}
	}
}

func TestRegions(t *testing.T) {
	for _, c := range []struct {
		home, service string
		asked         []string
		want          string // "" for an error
	}{
		{"eu-west-1", "iam", nil, "eu-west-1"},
		{"", "iam", nil, "us-east-1"},
		{"", "sts", nil, ""},
		{"", "iam", []string{"*"}, "us-east-1"},
		{"cn-north-1", "organizations", []string{"*"}, "cn-northwest-1"},
		{"cn-north-1", "ssm", []string{"*"}, "cn-north-1 cn-northwest-1"},
		{"", "iam", []string{"b", "a", "b"}, "b a"},
		{"", "iam", []string{"*", "a"}, ""},
		{"", "iam", []string{"evil.com/"}, ""},
	} {
		client := Client{region: c.home}
		got, err := client.Regions(Service(c.service), c.asked)
		if (err != nil) != (c.want == "") || strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %v, %v", c, got, err)
		}
	}
	all, err := (&Client{}).Regions(Service("sts"), []string{"*"})
	if err != nil || len(all) < 30 || !slices.IsSorted(all) {
		t.Errorf("got %v, %v", all, err)
	}
}
