package directory

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

// secretFor stores a secret with two versions that is to be deleted, and its replica.
func secretFor(f *filled, tx store.Tx) *Secret {
	s := &Secret{
		Account: f.ann.Account, Region: "us-east-1", Name: "a/b", Suffix: "AbCdEf", Created: 1, Due: 2,
		Versions: []SecretVersion{{ID: "v1", Stages: []string{"AWSPREVIOUS"}}, {ID: "v2", Stages: []string{"AWSCURRENT"}}},
		Replicas: []SecretReplica{{Region: "eu-west-1"}, {Region: "eu-west-2", Failed: "taken"}},
	}
	must(f.t, PutSecret(tx, nil, s))
	for _, v := range s.Versions {
		must(f.t, PutSecretValue(tx, f.ring, s, v.ID, []byte("secret")))
	}
	must(f.t, PutSecret(tx, nil, replicaOf(s)))
	return s
}

func replicaOf(s *Secret) *Secret {
	return &Secret{Account: s.Account, Region: "eu-west-1", Name: s.Name, Suffix: s.Suffix, Created: 1, Primary: s.Region}
}

func TestCheckFindsInSecrets(t *testing.T) {
	// changed stores another record in the place of s.
	changed := func(tx store.Tx, s *Secret, change func(*Secret)) error {
		c := *s
		c.Versions = append([]SecretVersion(nil), s.Versions...)
		change(&c)
		return put(tx, s.key(), &c)
	}
	for name, tc := range map[string]struct {
		damage func(f *filled, tx store.Tx, s *Secret) error
		want   string
	}{
		"nothing": {func(*filled, store.Tx, *Secret) error { return nil }, ""},
		"deleted": {func(_ *filled, tx store.Tx, s *Secret) error {
			must(t, DeleteSecret(tx, replicaOf(s)))
			return DeleteSecret(tx, s)
		}, ""},
		"swept": {func(_ *filled, tx store.Tx, s *Secret) error {
			must(t, DeleteSecret(tx, replicaOf(s)))
			must(t, changed(tx, s, func(c *Secret) { c.Replicas = nil }))
			_, err := SweepSecrets(tx, 3)
			return err
		}, ""},
		"in a wrong place": {func(_ *filled, tx store.Tx, s *Secret) error {
			return put(tx, secretKey(s.Account, s.Region, "c"), s)
		}, "secret/123456789012/us-east-1/c: holds secret a/b"},
		"not in the order of making": {func(_ *filled, tx store.Tx, s *Secret) error { return tx.Delete(s.madeKey()) }, "index secretmade/123456789012/us-east-1/0000000000001/a/b leads to \"\""},
		"made and not there": {func(_ *filled, tx store.Tx, s *Secret) error {
			return tx.Put(secretsMadeKey(s.Account, s.Region)+TimeKey(1)+"/none", []byte("none"))
		}, "secretmade/123456789012/us-east-1/0000000000001/none: leads to \"none\", which is no such secret"},
		"not due": {func(_ *filled, tx store.Tx, s *Secret) error { return tx.Delete(s.dueKey()) }, "index secretdue/0000000000002/123456789012/us-east-1/a/b leads to \"\""},
		"due and not there": {func(_ *filled, tx store.Tx, s *Secret) error {
			return tx.Put(secretsDue+TimeKey(9)+"/123456789012/us-east-1/a/b", []byte(s.Name))
		}, "index secretdue/0000000000009/123456789012/us-east-1/a/b leads to no such secret"},
		"not counted": {func(_ *filled, tx store.Tx, s *Secret) error { return tx.Delete(secretCountKey(s.Account, s.Region)) }, "is not counted"},
		"counted wrongly": {func(_ *filled, tx store.Tx, s *Secret) error {
			return tx.Put(secretCountKey(s.Account, s.Region), []byte("2"))
		}, "secretcount/123456789012/us-east-1: counts 2 where there are 1"},
		"value missing": {func(_ *filled, tx store.Tx, s *Secret) error { return DeleteSecretValue(tx, s, "v1") }, "the value of version v1 cannot be opened"},
		"value of another version": {func(_ *filled, tx store.Tx, s *Secret) error {
			sealed, _, err := tx.Get(s.valueKey("v2"))
			must(t, err)
			return tx.Put(s.valueKey("v1"), sealed)
		}, "the value of version v1 cannot be opened"},
		"value of nobody": {func(f *filled, tx store.Tx, s *Secret) error {
			return PutSecretValue(tx, f.ring, s, "v3", []byte("secret"))
		}, "no secret has this version"},
		"nothing current": {func(_ *filled, tx store.Tx, s *Secret) error {
			return changed(tx, s, func(c *Secret) { c.Versions[1].Stages = nil })
		}, "no version is current"},
		"two current": {func(_ *filled, tx store.Tx, s *Secret) error {
			return changed(tx, s, func(c *Secret) { c.Versions[0].Stages = []string{"AWSCURRENT"} })
		}, "2 versions have the label AWSCURRENT"},
		"without a replica": {func(_ *filled, tx store.Tx, s *Secret) error { return DeleteSecret(tx, replicaOf(s)) }, "its replica in eu-west-1 is otherwise than it lists"},
		"with a replica that failed": {func(_ *filled, tx store.Tx, s *Secret) error {
			return changed(tx, s, func(c *Secret) { c.Replicas = []SecretReplica{{Region: "eu-west-1", Failed: "taken"}} })
		}, "its replica in eu-west-1 is otherwise than it lists"},
		"with a replica that it does not list": {func(_ *filled, tx store.Tx, s *Secret) error {
			return changed(tx, s, func(c *Secret) { c.Replicas = nil })
		}, "secret/123456789012/eu-west-1/a/b: its primary secret does not list it"},
		"replica of nothing": {func(_ *filled, tx store.Tx, s *Secret) error { return DeleteSecret(tx, s) }, "is a replica of a secret that does not exist"},
		"gone and still there": {func(_ *filled, tx store.Tx, s *Secret) error {
			return tx.Put(secretsGone+s.own(), nil)
		}, "the secret is still there"},
		"without account": {func(_ *filled, tx store.Tx, s *Secret) error { return tx.Delete(accountKey(s.Account)) }, "secret/123456789012/us-east-1/a/b: account 123456789012 does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fill(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, tx, secretFor(f, tx)) })
			r := f.check()
			if found := strings.Join(r.Problems, "\n"); !strings.Contains(found, tc.want) || tc.want == "" && found != "" {
				t.Errorf("problems %s, want one with %q", found, tc.want)
			}
		})
	}
}
