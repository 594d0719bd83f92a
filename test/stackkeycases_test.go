package test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// ofAnn is a key of ann with that much more, such as `,"Serial":1`.
func ofAnn(more string) keyTemplate {
	return keyTemplate{key: `"UserName":{"Ref":"User"}` + more}
}

func (k keyTemplate) with(policy string) keyTemplate {
	k.policy = policy
	return k
}

const hence = ": Requested update requires the creation of a new physical resource; hence creating one."

// Events of the key and of the secret that holds it.
var (
	keyReplaced   = []string{"Key UPDATE_IN_PROGRESS old" + hence, "Key UPDATE_IN_PROGRESS new: Resource creation Initiated", "Key UPDATE_COMPLETE new"}
	keyUpdated    = []string{"Key UPDATE_IN_PROGRESS old", "Key UPDATE_COMPLETE old"}
	holderUpdated = []string{"Holder UPDATE_IN_PROGRESS holder", "Holder UPDATE_COMPLETE holder"}
	oldDeleted    = []string{"Key DELETE_IN_PROGRESS old", "Key DELETE_COMPLETE old"}
	newDeleted    = []string{"Key DELETE_IN_PROGRESS new", "Key DELETE_COMPLETE new"}

	rotated   = slices.Concat(keyReplaced, holderUpdated)
	unrotated = slices.Concat(keyUpdated, holderUpdated)
)

// rotation is a case in which the key is replaced.
func rotation(name string, before, after keyTemplate, key string) keyCase {
	return keyCase{
		name: name, before: before, after: after,
		forward: rotated, cleanup: oldDeleted, keys: []string{key}, held: "new", back: unrotated, undone: newDeleted,
	}
}

// deleteKey deletes ann's key.
func deleteKey(t *testing.T, st *stack, old key) key {
	must[*iam.DeleteAccessKeyOutput](t)(st.s.iam(st.k).DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: &old.ID}))
	return key{}
}

// deleteUser deletes ann, and so her key.
func deleteUser(t *testing.T, st *stack, old key) key {
	deleteKey(t, st, old)
	must[*iam.DeleteUserOutput](t)(st.s.iam(st.k).DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: new("ann")}))
	return key{}
}

// takeSlot makes ann a second key.
func takeSlot(t *testing.T, st *stack, _ key) key {
	made := must[*iam.CreateAccessKeyOutput](t)(st.s.iam(st.k).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: new("ann")}))
	return key{ID: *made.AccessKey.AccessKeyId, Secret: *made.AccessKey.SecretAccessKey}
}

var none = []string{}

var keyCases = []keyCase{
	{
		name: "Status only", before: ofAnn(`,"Serial":1`), after: ofAnn(`,"Serial":1,"Status":"Inactive"`),
		forward: keyUpdated, keys: []string{"ann old Inactive"}, held: "old", back: keyUpdated,
	},
	rotation("Serial incremented", ofAnn(`,"Serial":1`), ofAnn(`,"Serial":2`), "ann new Active"),
	rotation("Serial incremented, Inactive", ofAnn(`,"Serial":1`), ofAnn(`,"Serial":2,"Status":"Inactive"`), "ann new Inactive"),
	rotation("first Serial", ofAnn(``), ofAnn(`,"Serial":1`), "ann new Active"),
	rotation("Serial removed", ofAnn(`,"Serial":1`), ofAnn(``), "ann new Active"),
	rotation("Serial incremented as text", ofAnn(`,"Serial":1`), ofAnn(`,"Serial":"2"`), "ann new Active"),
	{
		name: "the same Serial as text", before: ofAnn(`,"Serial":1`), after: ofAnn(`,"Serial":"1"`),
		nothing: true, keys: []string{"ann old Active"}, held: "old",
	},
	{
		name: "Serial decremented", before: ofAnn(`,"Serial":2`), after: ofAnn(`,"Serial":1`), fails: true,
		forward: []string{"Key UPDATE_IN_PROGRESS old", "Key UPDATE_FAILED old: Properties validation failed for resource Key with message:\n" +
			"#/Serial: the value can only be incremented (it is 2, and 1 was asked for)"},
		back: keyUpdated,
	},
	rotation("another user", ofAnn(``), keyTemplate{key: `"UserName":{"Ref":"Other"}`}, "ben new Active"),
	{
		name: "user renamed", before: ofAnn(``), after: keyTemplate{user: "bea", key: ofAnn(``).key},
		forward: slices.Concat([]string{"User UPDATE_IN_PROGRESS ann" + hence, "User UPDATE_IN_PROGRESS bea: Resource creation Initiated", "User UPDATE_COMPLETE bea"}, rotated),
		cleanup: slices.Concat(oldDeleted, []string{"User DELETE_IN_PROGRESS ann", "User DELETE_COMPLETE ann"}),
		keys:    []string{"bea new Active"}, held: "new",
		back:   slices.Concat([]string{"User UPDATE_IN_PROGRESS ann", "User UPDATE_COMPLETE ann"}, unrotated),
		undone: slices.Concat(newDeleted, []string{"User DELETE_IN_PROGRESS bea", "User DELETE_COMPLETE bea"}),
	},
	{
		name: "no free slot", before: ofAnn(`,"Serial":1`), after: ofAnn(`,"Serial":2`), behind: takeSlot, fails: true,
		forward: []string{"Key UPDATE_IN_PROGRESS old" + hence, "Key UPDATE_FAILED old: Cannot exceed quota for AccessKeysPerUser: 2 *"},
		back:    keyUpdated, kept: []string{"ann old Active", "ann other Active"}, leftBack: true,
	},
	{
		name: "retained when deleted", before: ofAnn(``).with(`"DeletionPolicy":"Retain",`), after: keyTemplate{gone: true},
		cleanup: []string{"Holder DELETE_IN_PROGRESS holder", "Holder DELETE_COMPLETE holder", "Key DELETE_SKIPPED old"},
		keys:    []string{"ann old Active"}, left: true, leftBack: true,
	},
	{
		name: "retained when replaced", before: ofAnn(``), after: ofAnn(`,"Serial":1`).with(`"UpdateReplacePolicy":"Retain",`),
		forward: rotated, cleanup: []string{"Key DELETE_SKIPPED old"}, keys: []string{"ann old Active", "ann new Active"}, held: "new",
		back: unrotated, undone: newDeleted, left: true,
	},
	{
		name: "key deleted, Serial", before: ofAnn(`,"Serial":1`), after: ofAnn(`,"Serial":2`), behind: deleteKey,
		forward: rotated, cleanup: oldDeleted, keys: []string{"ann new Active"}, held: "new",
		back: unrotated, undone: newDeleted, kept: none,
	},
	{
		name: "key deleted, Status", before: ofAnn(``), after: ofAnn(`,"Status":"Inactive"`), behind: deleteKey, fails: true,
		forward: []string{"Key UPDATE_IN_PROGRESS old", "Key UPDATE_FAILED old: The Access Key with id * cannot be found. *"},
		back:    []string{"Key UPDATE_IN_PROGRESS old", "Key UPDATE_FAILED old: The Access Key with id * cannot be found. *"},
		stuck:   true, kept: none,
	},
	{
		name: "user deleted, Serial", before: ofAnn(`,"Serial":1`), after: ofAnn(`,"Serial":2`), behind: deleteUser, fails: true,
		forward: []string{"Key UPDATE_IN_PROGRESS old" + hence, "Key UPDATE_FAILED old: The user with name ann cannot be found. *"},
		back:    keyUpdated, kept: none,
	},
}
