package cfn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// member is a user that is in groups; one that does not exist makes its step fail half way.
func member(name string, groups ...string) string {
	list := ""
	if groups != nil {
		list = `"` + strings.Join(groups, `","`) + `"`
	}
	return resources(`"U":{"Type":"AWS::IAM::User","Properties":{"UserName":"` + name + `","Groups":[` + list + `]}}`)
}

func (w *world) group(name string) {
	w.t.Helper()
	must[iamshape.CreateGroupResponse](w, &iamshape.CreateGroupRequest{GroupName: name})
}

// groupsOf are the groups that a user is in; nil for a user that does not exist.
func (w *world) groupsOf(user string) []string {
	w.t.Helper()
	out, err := w.Call(w.t.Context(), nil, "", "", &iamshape.ListGroupsForUserRequest{UserName: user})
	if err != nil {
		return nil
	}
	groups := []string{}
	for _, g := range out.(*iamshape.ListGroupsForUserResponse).Groups {
		groups = append(groups, g.GroupName)
	}
	return groups
}

// update updates stack s, leaving what failed; the stack has to be in that status then.
func (w *world) update(template, status string) {
	w.t.Helper()
	must[shape.UpdateStackOutput](w, &shape.UpdateStackInput{StackName: "s", TemplateBody: &template, Capabilities: capabilities, DisableRollback: new(true)})
	w.is("s", status)
}

// TestUnfinished is about steps that failed after they had done something, in a stack
// that was left so.
func TestUnfinished(t *testing.T) {
	has := func(t *testing.T, w *world, user string, want []string) {
		t.Helper()
		if got := w.groupsOf(user); !slices.Equal(got, want) {
			t.Errorf("%s is in %v, want %v", user, got, want)
		}
	}
	for _, c := range []struct {
		name string
		then func(w *world) // b exists by now
		user string
		want []string
		gone string // a user that must not be
	}{
		{"the same again", func(w *world) { w.update(member("ann", "a", "b"), "UPDATE_COMPLETE") }, "ann", []string{"a", "b"}, ""},
		{"back to what it was", func(w *world) { w.update(member("ann"), "UPDATE_COMPLETE") }, "ann", []string{}, ""},
		{"something else", func(w *world) { w.update(member("ann", "b"), "UPDATE_COMPLETE") }, "ann", []string{"b"}, ""},
		{"another user", func(w *world) { w.update(member("bea", "b"), "UPDATE_COMPLETE") }, "bea", []string{"b"}, "ann"},
		{"by a change set", func(w *world) {
			w.changeSet("s", "again", member("ann", "a", "b"), shape.CreateChangeSetInput{})
			w.execute("s", "again")
			w.is("s", "UPDATE_COMPLETE")
		}, "ann", []string{"a", "b"}, ""},
		{"taken back", func(w *world) {
			must[shape.RollbackStackOutput](w, &shape.RollbackStackInput{StackName: "s"})
			w.is("s", "UPDATE_ROLLBACK_COMPLETE")
		}, "ann", []string{}, ""},
		{"failing again, and taken back", func(w *world) {
			w.update(member("ann", "b", "x"), "UPDATE_FAILED")
			has(w.t, w, "ann", []string{"b"})
			must[shape.RollbackStackOutput](w, &shape.RollbackStackInput{StackName: "s"})
			w.is("s", "UPDATE_ROLLBACK_COMPLETE")
		}, "ann", []string{}, ""},
		{"deleted", func(w *world) {
			must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
		}, "ann", nil, ""},
	} {
		t.Run("a change, "+c.name, func(t *testing.T) {
			w := newWorld(t)
			w.group("a")
			w.create("s", member("ann"))
			w.update(member("ann", "a", "b"), "UPDATE_FAILED")
			has(t, w, "ann", []string{"a"})
			w.group("b")
			c.then(w)
			has(t, w, c.user, c.want)
			if c.gone != "" {
				has(t, w, c.gone, nil)
			}
		})
		t.Run("a replacement, "+c.name, func(t *testing.T) {
			w := newWorld(t)
			w.group("a")
			w.create("s", member("zoe"))
			w.update(member("ann", "a", "b"), "UPDATE_FAILED")
			has(t, w, "ann", []string{"a"})
			has(t, w, "zoe", []string{})
			w.group("b")
			c.then(w)
			if c.want == nil || strings.Contains(c.name, "taken back") {
				has(t, w, "ann", nil)
			} else {
				has(t, w, c.user, c.want)
			}
			if strings.Contains(c.name, "taken back") {
				has(t, w, "zoe", []string{})
			} else {
				has(t, w, "zoe", nil)
			}
			if c.gone != "" {
				has(t, w, c.gone, nil)
			}
		})
	}
}

// TestUnfinishedAndGone is about a resource that somebody deletes after a step on it failed.
func TestUnfinishedAndGone(t *testing.T) {
	w := newWorld(t)
	w.group("a")
	w.create("s", member("ann"))
	w.update(member("ann", "a", "b"), "UPDATE_FAILED")
	must[op.None](w, &iamshape.RemoveUserFromGroupRequest{UserName: "ann", GroupName: "a"})
	must[op.None](w, &iamshape.DeleteUserRequest{UserName: "ann"})
	w.update(member("ann", "a"), "UPDATE_FAILED")
	w.update(member("bea", "a"), "UPDATE_COMPLETE")
	if got := w.groupsOf("bea"); !slices.Equal(got, []string{"a"}) {
		t.Error(got)
	}
}

// TestUnfinishedCreation is about what a creation that failed has made.
func TestUnfinishedCreation(t *testing.T) {
	begin := func(t *testing.T, failure string) *world {
		w := newWorld(t)
		w.group("a")
		must[shape.CreateStackOutput](w, &shape.CreateStackInput{
			StackName: "s", TemplateBody: new(member("ann", "a", "b")), Capabilities: capabilities, OnFailure: &failure,
		})
		return w
	}
	t.Run("made again", func(t *testing.T) {
		w := begin(t, "DO_NOTHING")
		w.is("s", "CREATE_FAILED")
		if got := must[shape.DescribeStackResourcesOutput](w, &shape.DescribeStackResourcesInput{StackName: new("s")}).StackResources[0]; *got.PhysicalResourceId != "ann" || got.ResourceStatus != "CREATE_FAILED" {
			t.Errorf("%+v", got)
		}
		w.group("b")
		before := len(w.events("s"))
		w.update(member("ann", "a", "b"), "UPDATE_COMPLETE")
		sameLines(t, w.events("s")[before:], []string{
			"s UPDATE_IN_PROGRESS User Initiated",
			"U CREATE_IN_PROGRESS",
			"U CREATE_IN_PROGRESS Resource creation Initiated",
			"U CREATE_COMPLETE",
			"s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
			"s UPDATE_COMPLETE",
		})
		if got := w.groupsOf("ann"); len(got) != 2 {
			t.Error(got)
		}
	})
	t.Run("rolled back", func(t *testing.T) {
		w := begin(t, "ROLLBACK")
		w.is("s", "ROLLBACK_COMPLETE")
		if w.groupsOf("ann") != nil {
			t.Error("what a creation that failed has made is still there")
		}
	})
	t.Run("nothing was made", func(t *testing.T) {
		w := newWorld(t)
		w.user("ann")
		must[shape.CreateStackOutput](w, &shape.CreateStackInput{StackName: "s", TemplateBody: new(member("ann")), Capabilities: capabilities})
		w.is("s", "ROLLBACK_COMPLETE")
		all := w.events("s")
		sameLines(t, all[len(all)-2:], []string{"U DELETE_COMPLETE", "s ROLLBACK_COMPLETE"})
	})
}

// TestRemovalFailsTwice deletes a stack that was left in the middle of a replacement: all
// that it has made goes, whatever kept it the first time.
func TestRemovalFailsTwice(t *testing.T) {
	w := newWorld(t)
	w.create("s", member("ann"))
	two := strings.Replace(member("bea"), `"Resources":{`, `"Resources":{"G":{"Type":"AWS::IAM::Group","DependsOn":"U","Properties":{"GroupName":"taken"}},`, 1)
	w.group("taken")
	w.update(two, "UPDATE_FAILED")
	key := must[iamshape.CreateAccessKeyResponse](w, &iamshape.CreateAccessKeyRequest{UserName: new("ann")}).AccessKey.AccessKeyId
	for range 2 {
		must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
		w.is("s", "DELETE_FAILED")
	}
	must[op.None](w, &iamshape.DeleteAccessKeyRequest{UserName: new("ann"), AccessKeyId: key})
	arn := *w.stack("s").StackId
	must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
	w.is(arn, "DELETE_COMPLETE")
	for _, user := range []string{"ann", "bea"} {
		if w.groupsOf(user) != nil {
			t.Errorf("%s is still there", user)
		}
	}
}
