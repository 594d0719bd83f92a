package iam_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// holder is an entity that has inline policies. The operations about them differ
// in names alone, so that one story is told of all three kinds.
type holder struct {
	t    *testing.T
	w    *optest.World
	kind string // "User"
	most int
}

// eachHolder runs a test with Bob of each kind, below the path /x/.
func eachHolder(t *testing.T, test func(t *testing.T, h holder)) {
	for _, h := range []holder{{kind: "User", most: 2048}, {kind: "Group", most: 5120}, {kind: "Role", most: 10240}} {
		t.Run(h.kind, func(t *testing.T) {
			h.t, h.w = t, optest.New(t, iam.Service())
			createUser(h.w, "Bob", "/x/")
			createGroup(h.w, "Bob", "/x/")
			createRole(h.w, "Bob", "/x/")
			test(t, h)
		})
	}
}

type fields map[string]any

// in is the request of an operation, with these fields set.
func (h holder) in(operation string, set fields) any {
	for _, o := range iam.Service().Operations {
		if o.Name == operation {
			in := reflect.New(o.Input.Elem())
			for name, value := range set {
				in.Elem().FieldByName(name).Set(reflect.ValueOf(value))
			}
			return in.Interface()
		}
	}
	panic("no operation " + operation)
}

// on is an operation about a policy of the entity of that name, and its request.
func (h holder) on(verb, owner, policy string, more fields) (operation string, in any) {
	set := fields{h.kind + "Name": owner, "PolicyName": policy}
	for name, value := range more {
		set[name] = value
	}
	operation = verb + h.kind + "Policy"
	return operation, h.in(operation, set)
}

func (h holder) must(verb, policy string, more fields) reflect.Value {
	return h.do(h.on(verb, "bob", policy, more))
}

// do runs an operation that has to succeed.
func (h holder) do(operation string, in any) reflect.Value {
	out, _, err := h.w.Do(h.w.Root(), operation, in)
	if err != nil {
		h.t.Fatalf("%s: %v", operation, err)
	}
	return reflect.ValueOf(out).Elem()
}

func (h holder) put(policy, text string) { h.must("Put", policy, fields{"PolicyDocument": text}) }

func (h holder) refused(verb, owner, policy string, more fields, status int, code, message string) {
	operation, in := h.on(verb, owner, policy, more)
	h.w.Refused(h.w.Root(), operation, in, status, code, message)
}

// names lists the policies, two at a time.
func (h holder) names() (names []string) {
	operation := "List" + h.kind + "Policies"
	set := fields{h.kind + "Name": "bob", "MaxItems": new(int32(2))}
	for {
		out := h.do(operation, h.in(operation, set))
		names = append(names, out.FieldByName("PolicyNames").Interface().([]string)...)
		if !out.FieldByName("IsTruncated").Elem().Bool() {
			return names
		}
		set["Marker"] = out.FieldByName("Marker").Interface()
	}
}

// sized is a valid policy of so many characters that count.
func sized(n int) string {
	const frame = `{"Version":"2012-10-17","Statement":{"Sid":"%s","Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	return fmt.Sprintf(frame, strings.Repeat("x", n-len(frame)+len("%s")))
}

func TestInlinePolicyLife(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		const text = "{\n\t\"Version\": \"2012-10-17\",\r\n \"Statement\": [{\"Effect\":\"Deny\", \"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::a/\u00fc~+%20&-_.\"}] }  "
		h.put("p", text)
		out := h.must("Get", "p", nil)
		if owner, policy := out.FieldByName(h.kind+"Name").String(), out.FieldByName("PolicyName").String(); owner != "Bob" || policy != "p" {
			t.Errorf("the reply names %s of %s", policy, owner)
		}
		encoded := out.FieldByName("PolicyDocument").String()
		if got, err := url.PathUnescape(encoded); got != text || err != nil {
			t.Errorf("the document came back as %q (%v)", got, err)
		}
		if want := "%7B%0A%09%22Version%22%3A%20%222012-10-17%22"; !strings.HasPrefix(encoded, want) || !strings.Contains(encoded, "%2F%C3%BC~%2B%2520%26-_.%22") {
			t.Errorf("the document is encoded as %s", encoded)
		}

		h.put("p", sized(200))
		if got := h.must("Get", "p", nil).FieldByName("PolicyDocument").String(); got != url.QueryEscape(sized(200)) {
			t.Errorf("after the second Put the document is %s", got)
		}
		h.must("Delete", "p", nil)
		h.refused("Get", "Bob", "p", nil, 404, "NoSuchEntity", "The "+strings.ToLower(h.kind)+" policy with name p cannot be found.")
		h.refused("Delete", "Bob", "p", nil, 404, "NoSuchEntity", "The "+strings.ToLower(h.kind)+" policy with name p cannot be found.")
	})
}

func TestListInlinePolicies(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		if names := h.names(); len(names) != 0 {
			t.Errorf("policies %v", names)
		}
		// Case matters in names.
		for _, name := range []string{"c", "a", "B", "A", "d"} {
			h.put(name, sized(120))
		}
		if names := h.names(); !slices.Equal(names, []string{"A", "B", "a", "c", "d"}) {
			t.Errorf("policies %v", names)
		}
		operation := "List" + h.kind + "Policies"
		h.w.Refused(h.w.Root(), operation, h.in(operation, fields{h.kind + "Name": "bob", "Marker": new("???")}), 400, "ValidationError", "Invalid Marker.")
	})
}

// The quota is on all policies of an entity together, without their white space.
func TestInlinePolicyQuota(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		exceeded := fmt.Sprintf("Maximum policy size of %d bytes exceeded for %s Bob", h.most, strings.ToLower(h.kind))
		h.refused("Put", "bob", "p", fields{"PolicyDocument": sized(h.most + 1)}, 409, "LimitExceeded", exceeded)
		h.put("p", strings.Repeat("\n ", 2000)+sized(h.most-150))
		h.put("q", sized(150))
		h.refused("Put", "bob", "r", fields{"PolicyDocument": sized(120)}, 409, "LimitExceeded", exceeded)
		h.refused("Put", "bob", "q", fields{"PolicyDocument": sized(151)}, 409, "LimitExceeded", exceeded)
		h.put("p", sized(h.most-150)) // it replaces itself
		h.must("Delete", "q", nil)
		h.put("r", sized(150))
	})
}

func TestInlinePoliciesMustBeValid(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		for text, message := range map[string]string{
			"{":  "Syntax errors in policy.",
			"[]": "Syntax errors in policy.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`:                                 "Policy statement must contain actions.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}]}`: "Policy document should not specify a principal.",
		} {
			h.refused("Put", "bob", "p", fields{"PolicyDocument": text}, 400, "MalformedPolicyDocument", message)
		}
		if names := h.names(); len(names) != 0 {
			t.Errorf("policies %v", names)
		}
	})
}

func TestInlinePoliciesOfNothing(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		text := "The " + strings.ToLower(h.kind) + " with name eve cannot be found."
		for _, verb := range []string{"Put", "Get", "Delete"} {
			h.refused(verb, "eve", "p", nil, 404, "NoSuchEntity", text)
		}
		operation := "List" + h.kind + "Policies"
		h.w.Refused(h.w.Root(), operation, h.in(operation, fields{h.kind + "Name": "eve"}), 404, "NoSuchEntity", text)
	})
}

func TestInlinePolicyNeeds(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		want := "arn:aws:iam::123456789012:" + strings.ToLower(h.kind) + "/x/Bob"
		for _, operation := range []string{"Put%sPolicy", "Get%sPolicy", "List%sPolicies", "Delete%sPolicy"} {
			operation = fmt.Sprintf(operation, h.kind)
			_, needs, _ := h.w.Do(h.w.Root(), operation, h.in(operation, fields{h.kind + "Name": "bob"}))
			if len(needs) != 1 || needs[0].Action != "iam:"+operation || needs[0].Resource != want {
				t.Errorf("%s needs %v, want it on %s", operation, needs, want)
			}
		}
	})
}

// What a boundary says of its holder can be made a condition of changing policies.
func TestInlinePolicyNeedsShowTheBoundary(t *testing.T) {
	const boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	eachHolder(t, func(t *testing.T, h holder) {
		if h.kind == "Group" {
			return // groups have no boundary
		}
		operation := "Put" + h.kind + "PermissionsBoundary"
		h.do(operation, h.in(operation, fields{h.kind + "Name": "Bob", "PermissionsBoundary": boundary}))
		for _, verb := range []string{"Put", "Delete"} {
			operation, in := h.on(verb, "bob", "p", nil)
			_, needs, _ := h.w.Do(h.w.Root(), operation, in)
			if got := needs[0].Context["iam:permissionsboundary"]; !slices.Equal(got, []string{boundary}) {
				t.Errorf("%s says of the boundary %v", operation, got)
			}
		}
	})
}

func TestInlinePoliciesOfServiceLinkedRoles(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "Bob", "/")
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		was, err := directory.Roles.ByName(tx, optest.Account, "Bob")
		if err != nil {
			return err
		}
		linked := *was
		linked.Path = "/aws-service-role/lex.amazonaws.com/"
		return directory.Roles.Put(tx, was, &linked)
	})
	if err != nil {
		t.Fatal(err)
	}
	h := holder{t: t, w: w, kind: "Role"}
	for _, verb := range []string{"Put", "Delete"} {
		h.refused(verb, "bob", "p", nil, 400, "UnmodifiableEntity",
			"Cannot perform the operation on the protected role 'Bob' - this role is only modifiable by AWS")
	}
	if names := h.names(); len(names) != 0 {
		t.Errorf("policies %v", names)
	}
}

func TestInlinePoliciesGoFirst(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		h.put("p", sized(120))
		operation := "Delete" + h.kind
		in := h.in(operation, fields{h.kind + "Name": "Bob"})
		h.w.Refused(h.w.Root(), operation, in, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
		h.must("Delete", "p", nil)
		optest.Must[op.None](h.w, h.w.Root(), operation, in)
	})
}

// Policies stay with an entity that is renamed, and do not come back with one of
// the same name.
func TestInlinePoliciesAndNames(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	h := holder{t: t, w: w, kind: "User"}
	h.put("p", sized(120))
	optest.Must[op.None](w, w.Root(), "UpdateUser", &shape.UpdateUserRequest{UserName: "bob", NewUserName: new("rob")})
	createUser(w, "bob", "")
	if names := h.names(); len(names) != 0 {
		t.Errorf("policies of the new bob: %v", names)
	}
	out := optest.Must[shape.GetUserPolicyResponse](w, w.Root(), "GetUserPolicy", &shape.GetUserPolicyRequest{UserName: "rob", PolicyName: "p"})
	if out.UserName != "rob" {
		t.Errorf("the reply names %s", out.UserName)
	}
}
