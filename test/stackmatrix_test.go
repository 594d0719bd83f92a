package test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// keyTemplate makes a template: two users, a key, a secret that holds it, and what fails
// last, if something is to fail.
type keyTemplate struct {
	user   string // the name of the first user; "" for ann
	key    string // the key's properties, without braces
	policy string // more members of the key, with a comma behind each
	gone   bool   // it has neither the key nor its secret
	fails  bool
}

func (k keyTemplate) text() string {
	resources := []string{
		fmt.Sprintf(`"User":{"Type":"AWS::IAM::User","Properties":{"UserName":%q}}`, cmp.Or(k.user, "ann")),
		`"Other":{"Type":"AWS::IAM::User","Properties":{"UserName":"ben"}}`,
	}
	last := `"User","Other"`
	if !k.gone {
		resources = append(resources,
			fmt.Sprintf(`"Key":{"Type":"AWS::IAM::AccessKey",%s"Properties":{%s}}`, k.policy, k.key),
			`"Holder":{"Type":"AWS::SecretsManager::Secret","Properties":{"Name":"holder","SecretString":
			 {"Fn::Sub":"{\"AccessKeyId\":\"${Key}\",\"SecretAccessKey\":\"${Key.SecretAccessKey}\"}"}}}`)
		last += `,"Key","Holder"`
	}
	if k.fails {
		resources = append(resources, fmt.Sprintf(`"Broken":{"Type":"AWS::IAM::Group","DependsOn":[%s],"Properties":{"GroupName":"taken"}}`, last))
	}
	return `{"Resources":{` + strings.Join(resources, ",") + `}}`
}

// keyCase is an update of a stack with an access key, and what becomes of it. Of keys, the
// one from before is old, and the one that the update makes is new; other is a foreign
// one. Keys are lines of user, key and status, as IAM lists them.
type keyCase struct {
	name          string
	before, after keyTemplate
	// behind is done behind the stack's back, before the update. It returns the foreign
	// key that it makes.
	behind func(t *testing.T, st *stack, old key) (other key)

	forward []string // events of the changes
	cleanup []string // of what is removed in the end
	keys    []string // then
	held    string   // the one in the secret
	nothing bool     // alone, the update would change nothing, and is refused

	fails  bool     // the key's change fails by itself
	back   []string // events when the changes are taken back
	undone []string // of what is removed then
	kept   []string // the keys then; nil for the old one alone
	stuck  bool     // the changes can't be taken back

	// left and leftBack tell that a key stays, and so its user, when the stack is
	// deleted after the update, and after its rollback.
	left, leftBack bool
}

// TestAccessKeyMatrix does each update alone and with something else failing, by
// UpdateStack and by a change set, in accounts of their own.
func TestAccessKeyMatrix(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, c := range keyCases {
		for _, way := range []string{"update", "change set"} {
			for _, half := range []bool{false, true} {
				name := c.name + ", " + way
				if half {
					name += ", half way"
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					_, k := rootKeyOf(t, s, "create", strings.Map(wordsOnly, name))
					c.run(t, s.stack(k, "stack"), way == "update", half)
				})
			}
		}
	}
}

func wordsOnly(r rune) rune {
	if r == ' ' || r == ',' {
		return '-'
	}
	return r
}

func (c keyCase) run(t *testing.T, st *stack, direct, half bool) {
	must[*iam.CreateGroupOutput](t)(st.s.iam(st.k).CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: new("taken")}))
	if got := st.create(t, c.before.text(), nil); got != "CREATE_COMPLETE" {
		t.Fatalf("the stack is %s\n%s", got, strings.Join(st.news(t), "\n"))
	}
	st.nameHolder(t)
	st.news(t)
	keys := map[string]key{"old": st.held(t, "holder")}
	st.names[keys["old"].ID] = "old"
	if c.behind != nil {
		if other := c.behind(t, st, keys["old"]); other.ID != "" {
			keys["other"], st.names[other.ID] = other, "other"
		}
	}
	after := c.after
	after.fails = half
	switch {
	case c.nothing && !half:
		refuseNothing(t, st, after.text(), direct)
	case direct:
		st.update(t, after.text(), nil)
	default:
		st.change(t, after.text(), nil)
	}
	c.check(t, st, keys, half)
	want, left := "DELETE_COMPLETE", c.left
	if c.fails || half {
		left = c.leftBack
	}
	if left {
		want = "DELETE_FAILED"
	}
	if got := st.delete(t); got != want {
		t.Errorf("deleted, the stack is %s, want %s\n%s", got, want, strings.Join(st.news(t), "\n"))
	}
}

// nameHolder gives the secret, the users and the keys words.
func (st *stack) nameHolder(t *testing.T) {
	t.Helper()
	for _, e := range st.events(t) {
		id := aws.ToString(e.PhysicalResourceId)
		if *e.LogicalResourceId == "Holder" && id != "" {
			st.names[id] = "holder"
		}
		if *e.LogicalResourceId == "Key" && id != "" && st.names[id] == "" {
			st.names[id] = "new"
		}
	}
}

// refuseNothing demands that an update without changes is refused.
func refuseNothing(t *testing.T, st *stack, template string, direct bool) {
	t.Helper()
	if !direct {
		set := st.changeSet(t, template, nil)
		const want = "The submitted information didn't contain changes. Submit different information to create a change set."
		if got := aws.ToString(set.StatusReason); set.Status != cfntypes.ChangeSetStatusFailed || got != want {
			t.Errorf("change set: %s, %s", set.Status, got)
		}
		return
	}
	st.refuseUpdate(t, template, "No updates are to be performed.")
}

func (c keyCase) check(t *testing.T, st *stack, keys map[string]key, half bool) {
	t.Helper()
	st.nameHolder(t)
	sameLines(t, "events", st.news(t), c.events(half))
	want, held := c.keys, c.held
	if half || c.fails {
		want, held = c.kept, "old"
		if want == nil {
			want = []string{"ann old Active"}
		}
	}
	if got := st.allKeys(t); !slices.Equal(got, want) {
		t.Errorf("keys: got %q, want %q", got, want)
	}
	if held != "" {
		now := st.held(t, "holder")
		if got := st.names[now.ID]; got != held {
			t.Errorf("the secret holds the key %q, want %q", got, held)
		}
		keys[held] = now
	}
	for word, k := range keys {
		active := slices.ContainsFunc(want, func(line string) bool { return strings.HasSuffix(line, " "+word+" Active") })
		if got := st.s.signs(t, k); got != active {
			t.Errorf("that the %s key signs is %v, want %v", word, got, active)
		}
	}
}

// events are those of the whole update.
func (c keyCase) events(half bool) []string {
	if c.nothing && !half {
		return nil
	}
	list := slices.Concat([]string{"stack UPDATE_IN_PROGRESS: User Initiated"}, c.forward)
	switch {
	case !half && !c.fails:
		return append(slices.Concat(list, []string{"stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}, c.cleanup), "stack UPDATE_COMPLETE")
	case c.fails:
		list = append(list, "stack UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to update: [Key]. ")
	default:
		list = append(list, "Broken CREATE_IN_PROGRESS",
			"Broken CREATE_FAILED: *Group with name taken already exists.*",
			"stack UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Broken]. ")
	}
	list = append(list, c.back...)
	if c.stuck {
		return append(list, "stack UPDATE_ROLLBACK_FAILED: The following resource(s) failed to update: [Key]. ")
	}
	list = append(list, "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
	if !c.fails {
		c.undone = append(slices.Clone(c.undone), "Broken DELETE_COMPLETE")
	}
	return append(append(list, c.undone...), "stack UPDATE_ROLLBACK_COMPLETE")
}

// allKeys are the keys of all users.
func (st *stack) allKeys(t *testing.T) []string {
	t.Helper()
	users := must[*iam.ListUsersOutput](t)(st.s.iam(st.k).ListUsers(t.Context(), &iam.ListUsersInput{}))
	var all []string
	for _, u := range users.Users {
		for _, line := range st.keysOf(t, *u.UserName) {
			all = append(all, *u.UserName+" "+line)
		}
	}
	return all
}
