package secrets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
)

func list(w *optest.World, in *shape.ListSecretsRequest) (names []string) {
	for more := true; more; more = in.NextToken != nil {
		out := optest.Must[shape.ListSecretsResponse](w, w.Root(), "ListSecrets", in)
		for _, s := range out.SecretList {
			names = append(names, *s.Name)
		}
		in.NextToken = out.NextToken
	}
	return names
}

func TestListSecrets(t *testing.T) {
	w := optest.New(t, secrets.Service())
	make := func(name, description string, tags ...string) {
		w.Now = w.Now.Add(time.Second)
		in := &shape.CreateSecretRequest{Name: name, Description: &description, ClientRequestToken: new(token(1)), SecretString: new("v")}
		for i := 0; i < len(tags); i += 2 {
			in.Tags = append(in.Tags, shape.Tag{Key: &tags[i], Value: &tags[i+1]})
		}
		optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", in)
	}
	make("prod/b", "The Database", "env", "prod")
	make("prod/a", "queue", "Env", "prod", "team", "red")
	make("dev/a", "the database of dev", "env", "dev")
	make("gone", "")
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "gone"})
	w.Now = w.Now.AddDate(0, 0, 1)
	read(w, "prod/b")
	optest.Must[op.None](w, w.Root(), "TagResource", &shape.TagResourceRequest{SecretId: "prod/b", Tags: []shape.Tag{{Key: new("x"), Value: new("blue moon")}}})

	one := func(key string, values ...string) []shape.Filter { return []shape.Filter{{Key: &key, Values: values}} }
	for _, tc := range []struct {
		what string
		in   shape.ListSecretsRequest
		want string
	}{
		{"all", shape.ListSecretsRequest{}, "prod/b prod/a dev/a"},
		{"newest first", shape.ListSecretsRequest{SortOrder: new("desc")}, "dev/a prod/a prod/b"},
		{"marked too", shape.ListSecretsRequest{IncludePlannedDeletion: new(true)}, "prod/b prod/a dev/a gone"},
		{"by name", shape.ListSecretsRequest{SortBy: new("name")}, "dev/a prod/a prod/b"},
		{"by name, back", shape.ListSecretsRequest{SortBy: new("name"), SortOrder: new("desc")}, "prod/b prod/a dev/a"},
		{"by change", shape.ListSecretsRequest{SortBy: new("last-changed-date")}, "prod/a dev/a prod/b"},
		{"by change, back", shape.ListSecretsRequest{SortBy: new("last-changed-date"), SortOrder: new("desc")}, "prod/b dev/a prod/a"},
		{"by access", shape.ListSecretsRequest{SortBy: new("last-accessed-date")}, "dev/a prod/a prod/b"},
		{"name", shape.ListSecretsRequest{Filters: one("name", "prod")}, "prod/b prod/a"},
		{"name, case", shape.ListSecretsRequest{Filters: one("name", "Prod")}, ""},
		{"name, not", shape.ListSecretsRequest{Filters: one("name", "!prod")}, "dev/a"},
		{"names", shape.ListSecretsRequest{Filters: one("name", "prod", "!prod/a")}, "prod/b"},
		{"description", shape.ListSecretsRequest{Filters: one("description", "the d")}, "prod/b dev/a"},
		{"tag key", shape.ListSecretsRequest{Filters: one("tag-key", "env")}, "prod/b dev/a"},
		{"tag value", shape.ListSecretsRequest{Filters: one("tag-value", "pro", "re")}, "prod/b prod/a"},
		{"primary region", shape.ListSecretsRequest{Filters: one("primary-region", "us")}, ""},
		{"owner", shape.ListSecretsRequest{Filters: one("owning-service", "!rds")}, "prod/b prod/a dev/a"},
		{"everywhere", shape.ListSecretsRequest{Filters: one("all", "MOON data")}, "prod/b"},
		{"two", shape.ListSecretsRequest{Filters: append(one("tag-value", "prod"), one("name", "prod/a")...)}, "prod/a"},
	} {
		for _, most := range []*int32{nil, new(int32(1)), new(int32(2))} {
			in := tc.in
			in.MaxResults = most
			if got := strings.Join(list(w, &in), " "); got != tc.want {
				t.Errorf("%s: got %q, want %q", tc.what, got, tc.want)
			}
		}
	}
	refused(t, w, "ListSecrets", &shape.ListSecretsRequest{Filters: []shape.Filter{{Key: new("name")}}}, "InvalidParameterException", "A filter must have a Key and Values.")
}

func TestBatchGetSecretValue(t *testing.T) {
	w := optest.New(t, secrets.Service())
	arn := create(w, "a", "1")
	denied := create(w, "denied", "2")
	create(w, "marked", "3")
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "marked"})
	w.May = func(n op.Need) error {
		if n.Action != "secretsmanager:GetSecretValue" || n.Resource == denied {
			return awserr.Refuse(awserr.AccessDenied, "no")
		}
		return nil
	}
	out := optest.Must[shape.BatchGetSecretValueResponse](w, w.Root(), "BatchGetSecretValue",
		&shape.BatchGetSecretValueRequest{SecretIdList: []string{"a", "denied", "marked", "none", "x x"}})
	if len(out.SecretValues) != 1 || *out.SecretValues[0].ARN != arn || *out.SecretValues[0].SecretString != "1" {
		t.Errorf("values %+v", out.SecretValues)
	}
	var got []string
	for _, e := range out.Errors {
		got = append(got, *e.SecretId+" "+*e.ErrorCode+" "+*e.Message)
	}
	want := []string{
		"denied AccessDeniedException no", "marked InvalidRequestException " + marked, "none ResourceNotFoundException " + noSecret,
		"x x ValidationException Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors:\n got %q\nwant %q", got, want)
	}
	in := &shape.BatchGetSecretValueRequest{Filters: []shape.Filter{{Key: new("name"), Values: []string{"a", "d"}}}, MaxResults: new(int32(1))}
	first := optest.Must[shape.BatchGetSecretValueResponse](w, w.Root(), "BatchGetSecretValue", in)
	in.NextToken = first.NextToken
	second := optest.Must[shape.BatchGetSecretValueResponse](w, w.Root(), "BatchGetSecretValue", in)
	if len(first.SecretValues) != 1 || len(second.SecretValues) != 0 || len(second.Errors) != 1 || *second.Errors[0].SecretId != denied || second.NextToken != nil {
		t.Errorf("pages %+v and %+v", first, second)
	}
}

// stock stores n secrets, each changed before the one that was made before it.
func stock(t *testing.T, w *optest.World, n int) {
	t.Helper()
	const batch = 30
	for from := 0; from < n; from += batch {
		err := w.Store.Update(t.Context(), func(tx store.Tx) error {
			for i := from; i < min(n, from+batch); i++ {
				s := &directory.Secret{
					Account: optest.Account, Region: "us-east-1", Name: fmt.Sprintf("s%05d", i), Suffix: "AbCdEf",
					Created: directory.At(w.Now), Changed: directory.Millis(n - i),
				}
				if err := directory.PutSecret(tx, nil, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// More secrets than one page looks at come in order, and more than are put in order are refused.
func TestListManyByChange(t *testing.T) {
	w := optest.New(t, secrets.Service())
	const n = 4500 // more than twice as many as a page looks at
	stock(t, w, n)
	for order, at := range map[string]func(i int) int{"asc": func(i int) int { return n - 1 - i }, "desc": func(i int) int { return i }} {
		in := &shape.ListSecretsRequest{SortBy: new("last-changed-date"), SortOrder: new(order)}
		for page := range 4 {
			out := optest.Must[shape.ListSecretsResponse](w, w.Root(), "ListSecrets", in)
			for i, got := range out.SecretList {
				if want := fmt.Sprintf("s%05d", at(100*page+i)); *got.Name != want {
					t.Fatalf("%s: %s is in the place of %s", order, *got.Name, want)
				}
			}
			if len(out.SecretList) != 100 || out.NextToken == nil {
				t.Fatalf("%s: a page of %d secrets", order, len(out.SecretList))
			}
			in.NextToken = out.NextToken
		}
	}
	count := func(n string) {
		t.Helper()
		key := "secretcount/" + string(optest.Account) + "/us-east-1"
		if err := w.Store.Update(t.Context(), func(tx store.Tx) error { return tx.Put(key, []byte(n)) }); err != nil {
			t.Fatal(err)
		}
	}
	count("50001")
	w.Refused(w.Root(), "ListSecrets", &shape.ListSecretsRequest{SortBy: new("last-accessed-date")}, 501, "NotImplementedException",
		"iamd does not support SortBy last-accessed-date of more than 50000 secrets.")
	count(fmt.Sprint(n))
}

// A replica is listed where the date is that its listing shows.
func TestListReplicasByChange(t *testing.T) {
	w := optest.New(t, secrets.Service())
	for i, name := range []string{"a", "b"} {
		w.Now = w.Now.Add(time.Second)
		optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", &shape.CreateSecretRequest{
			Name: name, SecretString: new("v"), ClientRequestToken: new(token(i)), AddReplicaRegions: []shape.ReplicaRegionType{{Region: new("eu-west-1")}},
		})
	}
	w.Now = w.Now.Add(time.Second)
	optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", &shape.PutSecretValueRequest{SecretId: "a", SecretString: new("w"), ClientRequestToken: new(token(9))})
	w.Region = "eu-west-1"
	if got := strings.Join(list(w, &shape.ListSecretsRequest{SortBy: new("last-changed-date")}), " "); got != "b a" {
		t.Errorf("listed: %s", got)
	}
}
