package iam_test

import (
	"sync"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

func createKey(w *optest.World, caller op.Principal, user *string) *shape.AccessKey {
	return optest.Must[shape.CreateAccessKeyResponse](w, caller, "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: user}).AccessKey
}

func listKeys(w *optest.World, caller op.Principal, user *string) []shape.AccessKeyMetadata {
	return optest.Must[shape.ListAccessKeysResponse](w, caller, "ListAccessKeys", &shape.ListAccessKeysRequest{UserName: user}).AccessKeyMetadata
}

func TestAccessKeyLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	bob := new("bob")
	first := createKey(w, w.Root(), bob)
	if *first.UserName != "Bob" || first.Status != "Active" || len(first.SecretAccessKey) != 40 || *first.CreateDate != w.Now {
		t.Errorf("CreateAccessKey replied %+v", first)
	}
	if account, ok := ids.KeyID(first.AccessKeyId).Account(); !ok || account != optest.Account {
		t.Errorf("key ID %s carries account %s", first.AccessKeyId, account)
	}
	w.Now = w.Now.Add(time.Second)
	second := createKey(w, w.Root(), bob)
	w.Refused(w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: bob},
		409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")

	// Inactive keys count.
	update := &shape.UpdateAccessKeyRequest{UserName: bob, AccessKeyId: first.AccessKeyId, Status: "Inactive"}
	optest.Must[op.None](w, w.Root(), "UpdateAccessKey", update)
	w.Refused(w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: bob},
		409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	keys := listKeys(w, w.Root(), bob)
	if len(keys) != 2 || *keys[0].AccessKeyId != first.AccessKeyId || *keys[0].Status != "Inactive" || *keys[1].Status != "Active" {
		t.Errorf("ListAccessKeys replied %+v", keys)
	}

	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"},
		409, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
	for _, k := range []*shape.AccessKey{first, second} {
		optest.Must[op.None](w, w.Root(), "DeleteAccessKey", &shape.DeleteAccessKeyRequest{UserName: bob, AccessKeyId: k.AccessKeyId})
	}
	w.Refused(w.Root(), "DeleteAccessKey", &shape.DeleteAccessKeyRequest{UserName: bob, AccessKeyId: first.AccessKeyId},
		404, "NoSuchEntity", "The Access Key with id "+first.AccessKeyId+" cannot be found.")
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"})
}

// Without UserName a call is about whoever signed it.
func TestImplicitUser(t *testing.T) {
	w := optest.New(t, iam.Service())

	// Root has keys of its own, even in an account without users.
	root := createKey(w, w.Root(), nil)
	if root.UserName != nil {
		t.Errorf("root's key has the user name %s", *root.UserName)
	}
	createUser(w, "Bob", "/eng/")
	bob := w.User("Bob")
	own := createKey(w, bob, nil)
	if *own.UserName != "Bob" {
		t.Errorf("bob's key is %s's", *own.UserName)
	}
	if keys := listKeys(w, bob, nil); len(keys) != 1 || *keys[0].AccessKeyId != own.AccessKeyId {
		t.Errorf("bob's keys: %+v", keys)
	}
	if keys := listKeys(w, w.Root(), nil); len(keys) != 1 || *keys[0].AccessKeyId != root.AccessKeyId || keys[0].UserName != nil {
		t.Errorf("root's keys: %+v", keys)
	}
	_, needs, err := w.Do(bob, "ListAccessKeys", &shape.ListAccessKeysRequest{})
	if err != nil || resources(needs)[0] != "arn:aws:iam::123456789012:user/eng/Bob" {
		t.Errorf("bob's ListAccessKeys needs %v (%v)", needs, err)
	}

	// Somebody else's key is as absent.
	w.Refused(bob, "DeleteAccessKey", &shape.DeleteAccessKeyRequest{AccessKeyId: root.AccessKeyId},
		404, "NoSuchEntity", "The Access Key with id "+root.AccessKeyId+" cannot be found.")
	w.Refused(w.Root(), "UpdateAccessKey", &shape.UpdateAccessKeyRequest{AccessKeyId: own.AccessKeyId, Status: "Inactive"},
		404, "NoSuchEntity", "The Access Key with id "+own.AccessKeyId+" cannot be found.")
}

func TestImplicitUserOfARoleSession(t *testing.T) {
	w := optest.New(t, iam.Service())
	session := op.Principal{Kind: op.RoleSession, Account: optest.Account, ARN: "arn:aws:sts::123456789012:assumed-role/r/s", ID: "AROAX:s"}
	const text = "Must specify userName when calling with non-User credentials"
	w.Refused(session, "CreateAccessKey", &shape.CreateAccessKeyRequest{}, 400, "ValidationError", text)
	w.Refused(session, "ListAccessKeys", &shape.ListAccessKeysRequest{}, 400, "ValidationError", text)
	w.Refused(session, "UpdateAccessKey", &shape.UpdateAccessKeyRequest{AccessKeyId: "AKIAIOSFODNN7EXAMPLE", Status: "Active"}, 400, "ValidationError", text)
	w.Refused(session, "DeleteAccessKey", &shape.DeleteAccessKeyRequest{AccessKeyId: "AKIAIOSFODNN7EXAMPLE"}, 400, "ValidationError", text)
	w.Refused(session, "GetUser", &shape.GetUserRequest{}, 400, "ValidationError", text)
}

func TestKeysOfNobody(t *testing.T) {
	w := optest.New(t, iam.Service())
	const text = "The user with name eve cannot be found."
	w.Refused(w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: new("eve")}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "ListAccessKeys", &shape.ListAccessKeysRequest{UserName: new("eve")}, 404, "NoSuchEntity", text)
}

func TestGetAccessKeyLastUsed(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	key := createKey(w, w.Root(), new("Bob"))
	in := &shape.GetAccessKeyLastUsedRequest{AccessKeyId: key.AccessKeyId}

	out := optest.Must[shape.GetAccessKeyLastUsedResponse](w, w.Root(), "GetAccessKeyLastUsed", in)
	if u := out.AccessKeyLastUsed; *out.UserName != "Bob" || u.LastUsedDate != nil || u.ServiceName != "N/A" || u.Region != "N/A" {
		t.Errorf("of a key never used: %+v", u)
	}
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutLastUsed(tx, ids.KeyID(key.AccessKeyId), &directory.LastUsed{Date: directory.At(w.Now), Service: "sts", Region: "eu-west-1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	out = optest.Must[shape.GetAccessKeyLastUsedResponse](w, w.Root(), "GetAccessKeyLastUsed", in)
	if u := out.AccessKeyLastUsed; *out.UserName != "Bob" || *u.LastUsedDate != w.Now || u.ServiceName != "sts" || u.Region != "eu-west-1" {
		t.Errorf("of a used key: %+v", u)
	}
	w.Refused(w.Root(), "GetAccessKeyLastUsed", &shape.GetAccessKeyLastUsedRequest{AccessKeyId: "AKIAIOSFODNN7EXAMPLE"},
		404, "NoSuchEntity", "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.")
}

func TestAccessKeyQuotaUnderConcurrency(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	const callers = 64
	results := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			_, _, results[i] = w.Do(w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: new("Bob")})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range results {
		if err == nil {
			made++
		}
	}
	if keys := listKeys(w, w.Root(), new("Bob")); made != 2 || len(keys) != 2 {
		t.Errorf("%d calls succeeded and %d keys are there, want 2", made, len(keys))
	}
}

// Root has two keys at most, as a user has, and may do everything to its own, down
// to deleting the last.
func TestRootAccessKeys(t *testing.T) {
	w := optest.New(t, iam.Service())
	first := createKey(w, w.Root(), nil)
	w.Now = w.Now.Add(time.Second)
	second := createKey(w, w.Root(), nil)
	w.Refused(w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{},
		409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	_, needs, err := w.Do(w.Root(), "UpdateAccessKey", &shape.UpdateAccessKeyRequest{AccessKeyId: first.AccessKeyId, Status: "Inactive"})
	if err != nil || resources(needs)[0] != "arn:aws:iam::123456789012:root" {
		t.Errorf("root's UpdateAccessKey needs %v (%v)", needs, err)
	}
	keys := listKeys(w, w.Root(), nil)
	if len(keys) != 2 || *keys[0].AccessKeyId != first.AccessKeyId || *keys[0].Status != "Inactive" || *keys[1].Status != "Active" {
		t.Errorf("root's keys: %+v", keys)
	}

	err = w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutLastUsed(tx, ids.KeyID(second.AccessKeyId), &directory.LastUsed{Date: directory.At(w.Now), Service: "iam", Region: "us-east-1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	used := optest.Must[shape.GetAccessKeyLastUsedResponse](w, w.Root(), "GetAccessKeyLastUsed", &shape.GetAccessKeyLastUsedRequest{AccessKeyId: second.AccessKeyId})
	if used.UserName != nil || *used.AccessKeyLastUsed.LastUsedDate != w.Now || used.AccessKeyLastUsed.ServiceName != "iam" {
		t.Errorf("last use of root's key: %+v", used)
	}

	for _, k := range []*shape.AccessKey{first, second} {
		optest.Must[op.None](w, w.Root(), "DeleteAccessKey", &shape.DeleteAccessKeyRequest{AccessKeyId: k.AccessKeyId})
	}
	if keys := listKeys(w, w.Root(), nil); len(keys) != 0 {
		t.Errorf("root's keys after the deletion: %+v", keys)
	}
}
