package test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sample is a template of examples/templates.
func sample(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", "templates", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What the documentation of AWS::IAM::AccessKey promises, in both languages of templates
// and through both ways of updating: Status changes the key that is there, Serial
// makes another one.
func TestStackWithAccessKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, file := range []string{"access-key.json", "access-key.yaml"} {
		for _, way := range []string{"update", "change set"} {
			t.Run(file+"/"+way, func(t *testing.T) {
				t.Parallel()
				_, k := rootKeyOf(t, s, "create", strings.NewReplacer(".", "-", " ", "-").Replace(file+way))
				accessKeyStory(t, s.stack(k, "keys"), sample(t, file), way == "update")
			})
		}
	}
}

func accessKeyStory(t *testing.T, st *stack, template string, direct bool) {
	update := st.change
	if direct {
		update = st.update
	}
	is := func(got, want string) {
		t.Helper()
		if got != want {
			t.Fatalf("the stack is %s, want %s", got, want)
		}
	}
	is(st.create(t, template, nil), "CREATE_COMPLETE")
	first := nameKey(t, st, "old")
	st.names[st.outputs(t)["UserName"]], st.names[st.outputs(t)["SecretArn"]] = "user", "secret"
	sameLines(t, "events of the first", st.news(t), createdKey)
	checkKey(t, st, first, "old Active")

	is(update(t, template, parameters{"Status": "Inactive"}), "UPDATE_COMPLETE")
	sameLines(t, "events of Status", st.news(t), changedKey)
	checkKey(t, st, first, "old Inactive")

	is(update(t, template, parameters{"Serial": "2"}), "UPDATE_COMPLETE")
	second := nameKey(t, st, "new")
	if second.ID == first.ID || second.Secret == first.Secret {
		t.Error("the key is the old one")
	}
	sameLines(t, "events of Serial", st.news(t), replacedKey)
	checkKey(t, st, second, "new Active")
	if st.s.signs(t, first) {
		t.Error("the old key signs")
	}

	is(st.delete(t), "DELETE_COMPLETE")
	sameLines(t, "events of the end", st.news(t), deletedKey)
	if st.s.signs(t, second) {
		t.Error("the key signs though its stack is deleted")
	}
}

// The events of a life of access-key.yaml, in the order in which AWS tells of them.
var (
	createdKey = []string{
		"stack CREATE_IN_PROGRESS: User Initiated",
		"User CREATE_IN_PROGRESS",
		"User CREATE_IN_PROGRESS user: Resource creation Initiated",
		"User CREATE_COMPLETE user",
		"AccessKey CREATE_IN_PROGRESS",
		"AccessKey CREATE_IN_PROGRESS old: Resource creation Initiated",
		"AccessKey CREATE_COMPLETE old",
		"Secret CREATE_IN_PROGRESS",
		"Secret CREATE_IN_PROGRESS secret: Resource creation Initiated",
		"Secret CREATE_COMPLETE secret",
		"stack CREATE_COMPLETE",
	}
	changedKey = []string{
		"stack UPDATE_IN_PROGRESS: User Initiated",
		"AccessKey UPDATE_IN_PROGRESS old",
		"AccessKey UPDATE_COMPLETE old",
		"stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		"stack UPDATE_COMPLETE",
	}
	replacedKey = []string{
		"stack UPDATE_IN_PROGRESS: User Initiated",
		"AccessKey UPDATE_IN_PROGRESS old: Requested update requires the creation of a new physical resource; hence creating one.",
		"AccessKey UPDATE_IN_PROGRESS new: Resource creation Initiated",
		"AccessKey UPDATE_COMPLETE new",
		"Secret UPDATE_IN_PROGRESS secret",
		"Secret UPDATE_COMPLETE secret",
		"stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		"AccessKey DELETE_IN_PROGRESS old",
		"AccessKey DELETE_COMPLETE old",
		"stack UPDATE_COMPLETE",
	}
	deletedKey = []string{
		"stack DELETE_IN_PROGRESS: User Initiated",
		"Secret DELETE_IN_PROGRESS secret",
		"Secret DELETE_COMPLETE secret",
		"AccessKey DELETE_IN_PROGRESS new",
		"AccessKey DELETE_COMPLETE new",
		"User DELETE_IN_PROGRESS user",
		"User DELETE_COMPLETE user",
		"stack DELETE_COMPLETE",
	}
)

// nameKey gives the key that the stack has now, and its secret holds, a word.
func nameKey(t *testing.T, st *stack, word string) key {
	t.Helper()
	outputs := st.outputs(t)
	k := st.held(t, outputs["SecretArn"])
	if k.ID != outputs["AccessKeyId"] {
		t.Errorf("the secret has the key %s, and the stack %s", k.ID, outputs["AccessKeyId"])
	}
	st.names[k.ID] = word
	return k
}

// checkKey demands that the user has that key alone, that it is the one in the stack's
// secret, and that it signs if it is active.
func checkKey(t *testing.T, st *stack, k key, want string) {
	t.Helper()
	outputs := st.outputs(t)
	if got := st.keysOf(t, outputs["UserName"]); !slices.Equal(got, []string{want}) {
		t.Errorf("the user has the keys %q, want %q", got, want)
	}
	if now := st.held(t, outputs["SecretArn"]); now != k {
		t.Errorf("the secret has the key %s, want %s", now.ID, k.ID)
	}
	if signs := st.s.signs(t, k); signs != strings.HasSuffix(want, " Active") {
		t.Errorf("%s: that it signs is %v", want, signs)
	}
}
