package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// bind reads a template whose resources are given, with parameters P and Hidden.
func bind(t *testing.T, resources string, parameters map[string]string) *template.Bound {
	t.Helper()
	parsed, err := template.Parse(`{"Parameters":{"P":{"Type":"String","Default":"p"},"Hidden":{"Type":"String","NoEcho":true,"Default":"h"}},"Resources":{` + resources + `}}`)
	if err != nil {
		t.Fatalf("%s: %v", resources, err)
	}
	bound, err := parsed.Bind(template.Inputs{Parameters: parameters, Pseudo: template.Pseudo{StackName: "stack"}})
	if err != nil {
		t.Fatalf("%s: %v", resources, err)
	}
	return bound
}

// stack is what a template becomes: each resource has its logical ID, in lower case and
// with a number, as its physical one.
type stack map[string]*plan.Current

func (s stack) Ref(logical string) (*tree.Node, error) {
	if s[logical] == nil {
		return nil, errors.New("no " + logical)
	}
	return tree.Text(s[logical].Physical), nil
}

func (s stack) Attr(logical, name string) (*tree.Node, error) {
	if s[logical] == nil {
		return nil, errors.New("no " + logical)
	}
	return tree.Text(s[logical].Attrs[name]), nil
}

// masked are the same references as people may see them.
type masked struct{ stack }

func (m masked) Attr(logical, name string) (*tree.Node, error) {
	if slices.Contains(kind.Find(m.stack[logical].Type).Schema.Secret, name) {
		return tree.Text(plan.Masked), nil
	}
	return m.stack.Attr(logical, name)
}

// make makes the stack what the template says, as an engine does, and returns what of it
// has changed.
func (s stack) make(t *testing.T, b *template.Bound, tags []directory.Tag) []string {
	t.Helper()
	var changed []string
	made := map[string]bool{}
	live := map[string]bool{}
	for _, res := range b.Resources() {
		live[res.LogicalID] = true
	}
	for len(made) < len(b.Resources()) {
		for _, res := range b.Resources() {
			waits := slices.ContainsFunc(b.Dependencies(res), func(d string) bool { return !made[d] })
			if made[res.LogicalID] || waits {
				continue
			}
			made[res.LogicalID] = true
			if s.step(t, b, res, tags) {
				changed = append(changed, res.LogicalID)
			}
		}
	}
	for logical := range s {
		if !live[logical] {
			changed = append(changed, logical)
			delete(s, logical)
		}
	}
	slices.Sort(changed)
	return changed
}

func (s stack) step(t *testing.T, b *template.Bound, res *template.Resource, tags []directory.Tag) bool {
	t.Helper()
	k := kind.Find(res.Type)
	literal, err := b.Resolve(res.Properties, s)
	if err != nil {
		t.Fatal(err)
	}
	literal, _ = k.Schema.Check(literal)
	shown, err := b.Masked().Resolve(res.Properties, masked{s})
	if err != nil {
		t.Fatal(err)
	}
	metadata, err := b.Resolve(res.Metadata, s)
	if err != nil {
		t.Fatal(err)
	}
	is := &plan.Current{Type: res.Type, Literal: literal, Masked: shown, Metadata: metadata}
	if k.Schema.Taggable {
		is.Tags = tags
	}
	was := s[res.LogicalID]
	s[res.LogicalID] = is
	n := 1
	if was != nil {
		changes := k.Schema.Diff(was.Literal, literal)
		replacement, err := k.Replacement(changes, was.Literal, literal)
		if err != nil {
			t.Fatal(err)
		}
		is.Physical, is.Attrs = was.Physical, was.Attrs
		if replacement == kind.Never {
			return len(changes) > 0 || !tree.Equal(was.Metadata, metadata) || !slices.Equal(was.Tags, is.Tags)
		}
		if _, err := fmt.Sscanf(was.Physical, strings.ToLower(res.LogicalID)+"%d", &n); err != nil {
			t.Fatal(err)
		}
		n++
	}
	is.Physical = fmt.Sprint(strings.ToLower(res.LogicalID), n)
	is.Attrs = map[string]string{}
	for _, name := range k.Schema.Attributes {
		is.Attrs[name] = is.Physical + "." + name
	}
	return true
}

// flat is a change in one line and then one line for each detail.
func flat(c *shape.ResourceChange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", *c.Action, *c.LogicalResourceId, *c.ResourceType)
	for _, s := range []*string{c.PhysicalResourceId, c.Replacement, c.PolicyAction} {
		if s != nil {
			b.WriteString(" " + *s)
		}
	}
	fmt.Fprintf(&b, " %v", c.Scope)
	for i := range c.Details {
		d := &c.Details[i]
		fmt.Fprintf(&b, "\n  %s %s", *d.Evaluation, *d.ChangeSource)
		if d.CausingEntity != nil {
			b.WriteString(" " + *d.CausingEntity)
		}
		b.WriteString(":")
		for _, s := range []*string{d.Target.Attribute, d.Target.Name, d.Target.RequiresRecreation, d.Target.AttributeChangeType, d.Target.Path} {
			if s != nil {
				b.WriteString(" " + *s)
			}
		}
		for _, s := range []*string{d.Target.BeforeValue, d.Target.AfterValue} {
			switch {
			case s != nil:
				b.WriteString(" <" + *s + ">")
			case d.Target.Path != nil:
				b.WriteString(" -")
			}
		}
	}
	return b.String()
}

func flatAll(changes []shape.ResourceChange) string {
	var lines []string
	for i := range changes {
		lines = append(lines, flat(&changes[i]))
	}
	return strings.Join(lines, "\n")
}

const keyAndSecret = `
	"User":{"Type":"AWS::IAM::User"},
	"Key":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"User"},"Serial":%s}%s},
	"Secret":{"Type":"AWS::SecretsManager::Secret","Properties":{"SecretString":{"Fn::GetAtt":["Key","SecretAccessKey"]}}}`

// The shapes are those that AWS was seen to answer, most of them for topics.
func TestRender(t *testing.T) {
	document := func(action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`
	}
	for _, c := range []struct {
		name, was, is       string
		before, after       map[string]string
		tagsBefore, tagsNow []directory.Tag
		values, plain       string
	}{
		{
			name: "a rotation", was: fmt.Sprintf(keyAndSecret, "1", ""), is: fmt.Sprintf(keyAndSecret, "2", ""),
			values: `Modify Key AWS::IAM::AccessKey key1 True ReplaceAndDelete [Properties]
  Static DirectModification: Properties Serial Always Modify /Properties/Serial <1> <2>
Modify Secret AWS::SecretsManager::Secret secret1 False [Properties]
  Static ResourceAttribute Key.SecretAccessKey: Properties SecretString Never Modify /Properties/SecretString <****> <{{changeSet:KNOWN_AFTER_APPLY}}>
  Dynamic DirectModification: Properties SecretString Never Modify /Properties/SecretString <****> <{{changeSet:KNOWN_AFTER_APPLY}}>`,
			plain: `Modify Key AWS::IAM::AccessKey key1 True ReplaceAndDelete [Properties]
  Static DirectModification: Properties Serial Always
Modify Secret AWS::SecretsManager::Secret secret1 False [Properties]
  Static ResourceAttribute Key.SecretAccessKey: Properties SecretString Never
  Dynamic DirectModification: Properties SecretString Never`,
		},
		{
			name: "a rotation that keeps the old key",
			was:  fmt.Sprintf(keyAndSecret, "1", ""), is: fmt.Sprintf(keyAndSecret, "2", `,"UpdateReplacePolicy":"Retain"`),
			plain: `Modify Key AWS::IAM::AccessKey key1 True ReplaceAndRetain [Properties UpdateReplacePolicy]
  Static DirectModification: Properties Serial Always
  Static DirectModification: UpdateReplacePolicy Never
Modify Secret AWS::SecretsManager::Secret secret1 False [Properties]
  Static ResourceAttribute Key.SecretAccessKey: Properties SecretString Never
  Dynamic DirectModification: Properties SecretString Never`,
		},
		{
			name:   "a parameter",
			was:    `"User":{"Type":"AWS::IAM::User","Properties":{"UserName":{"Ref":"P"},"Path":"/a/"}}`,
			is:     `"User":{"Type":"AWS::IAM::User","Properties":{"UserName":{"Ref":"P"},"Path":"/a/"}}`,
			before: map[string]string{"P": "ann"}, after: map[string]string{"P": "bea"},
			values: `Modify User AWS::IAM::User user1 True ReplaceAndDelete [Properties]
  Static ParameterReference P: Properties UserName Always Modify /Properties/UserName <ann> <bea>
  Dynamic DirectModification: Properties UserName Always Modify /Properties/UserName <ann> <bea>`,
		},
		{
			name:   "a parameter that nobody is shown",
			was:    `"S":{"Type":"AWS::SecretsManager::Secret","Properties":{"SecretString":{"Fn::Sub":"x-${Hidden}"}}}`,
			is:     `"S":{"Type":"AWS::SecretsManager::Secret","Properties":{"SecretString":{"Fn::Sub":"x-${Hidden}"}}}`,
			before: map[string]string{"Hidden": "one"}, after: map[string]string{"Hidden": "two"},
			values: `Modify S AWS::SecretsManager::Secret s1 False [Properties]
  Static ParameterReference Hidden: Properties SecretString Never Modify /Properties/SecretString <x-****> <x-****>
  Dynamic DirectModification: Properties SecretString Never Modify /Properties/SecretString <x-****> <x-****>`,
		},
		{
			name: "a user and what refers to it",
			was:  `"U":{"Type":"AWS::IAM::User","Properties":{"UserName":"ann"}},"K":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"U"}}}`,
			is:   `"U":{"Type":"AWS::IAM::User","Properties":{"UserName":"bea"}},"K":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"U"}}}`,
			values: `Modify K AWS::IAM::AccessKey k1 True ReplaceAndDelete [Properties]
  Static ResourceReference U: Properties UserName Always Modify /Properties/UserName <u1> <{{changeSet:KNOWN_AFTER_APPLY}}>
  Dynamic DirectModification: Properties UserName Always Modify /Properties/UserName <u1> <{{changeSet:KNOWN_AFTER_APPLY}}>
Modify U AWS::IAM::User u1 True ReplaceAndDelete [Properties]
  Static DirectModification: Properties UserName Always Modify /Properties/UserName <ann> <bea>`,
		},
		{
			name: "an attribute of a resource that changes in place",
			was:  `"U":{"Type":"AWS::IAM::User","Properties":{"Path":"/a/"}},"S":{"Type":"AWS::SecretsManager::Secret","Properties":{"Description":{"Fn::GetAtt":["U","Arn"]}}}`,
			is:   `"U":{"Type":"AWS::IAM::User","Properties":{"Path":"/b/"}},"S":{"Type":"AWS::SecretsManager::Secret","Properties":{"Description":{"Fn::GetAtt":["U","Arn"]}}}`,
			values: `Modify U AWS::IAM::User u1 False [Properties]
  Static DirectModification: Properties Path Never Modify /Properties/Path </a/> </b/>`,
			plain: `Modify S AWS::SecretsManager::Secret s1 False [Properties]
  Dynamic ResourceAttribute U.Arn: Properties Description Never
Modify U AWS::IAM::User u1 False [Properties]
  Static DirectModification: Properties Path Never`,
		},
		{
			name: "inside a document, and a list",
			was: `"R":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"PolicyDocument":` + document("iam:GetUser") + `}},
				"U":{"Type":"AWS::IAM::User","Properties":{"ManagedPolicyArns":["a"],"Tags":[{"Key":"k","Value":"v"}]}}`,
			is: `"R":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"PolicyDocument":` + document("iam:*") + `}},
				"U":{"Type":"AWS::IAM::User","Properties":{"ManagedPolicyArns":["a","b"],"Tags":[{"Key":"k","Value":"w"}]}}`,
			values: `Modify R AWS::IAM::ManagedPolicy r1 False [Properties]
  Static DirectModification: Properties PolicyDocument Never Modify /Properties/PolicyDocument/Statement/0/Action <iam:GetUser> <iam:*>
Modify U AWS::IAM::User u1 False [Properties Tags]
  Static DirectModification: Properties ManagedPolicyArns Never Add /Properties/ManagedPolicyArns/1 - <b>
  Static DirectModification: Tags Never Modify /Properties/Tags/0/Value <v> <w>`,
			plain: `Modify R AWS::IAM::ManagedPolicy r1 False [Properties]
  Static DirectModification: Properties PolicyDocument Never
Modify U AWS::IAM::User u1 False [Properties Tags]
  Static DirectModification: Properties ManagedPolicyArns Never
  Static DirectModification: Tags Never`,
		},
		{
			name:  "one comes and others go",
			was:   `"A":{"Type":"AWS::IAM::Group"},"B":{"Type":"AWS::IAM::Group","DeletionPolicy":"Retain"},"D":{"Type":"AWS::IAM::Group","DeletionPolicy":"RetainExceptOnCreate"}`,
			is:    `"C":{"Type":"AWS::IAM::Group"}`,
			plain: "Remove A AWS::IAM::Group a1 Delete []\nRemove B AWS::IAM::Group b1 Retain []\nAdd C AWS::IAM::Group []\nRemove D AWS::IAM::Group d1 Retain []",
		},
		{
			name: "what is said besides properties",
			was:  `"G":{"Type":"AWS::IAM::Group","Metadata":{"a":1},"DeletionPolicy":"Delete"}`,
			is:   `"G":{"Type":"AWS::IAM::Group","Metadata":{"a":2,"b":true},"DeletionPolicy":"Retain","UpdateReplacePolicy":"Retain"}`,
			values: `Modify G AWS::IAM::Group g1 False [Metadata DeletionPolicy UpdateReplacePolicy]
  Static DirectModification: Metadata Never Modify /Metadata/a <1> <2>
  Static DirectModification: Metadata Never Add /Metadata/b - <true>
  Static DirectModification: DeletionPolicy Never Modify /DeletionPolicy <Delete> <Retain>
  Static DirectModification: UpdateReplacePolicy Never Add /UpdateReplacePolicy - <Retain>`,
		},
		{
			name: "the stack's tags", was: `"U":{"Type":"AWS::IAM::User"},"G":{"Type":"AWS::IAM::Group"}`, is: `"U":{"Type":"AWS::IAM::User"},"G":{"Type":"AWS::IAM::Group"}`,
			tagsNow: []directory.Tag{{Key: "team", Value: "blue"}},
			values:  "Modify U AWS::IAM::User u1 False [Tags]\n  Static DirectModification: Tags Never",
		},
		{
			name: "a dependency alone", was: `"U":{"Type":"AWS::IAM::User"},"G":{"Type":"AWS::IAM::Group"}`,
			is: `"U":{"Type":"AWS::IAM::User"},"G":{"Type":"AWS::IAM::Group","DependsOn":"U"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			former, want := bind(t, c.was, c.before), bind(t, c.is, c.after)
			is := stack{}
			is.make(t, former, c.tagsBefore)
			p, err := plan.Compare(is, former, want, c.tagsNow)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Render()
			if err != nil {
				t.Fatal(err)
			}
			if values := flatAll(got.Values); values != c.values && (c.values != "" || c.plain == "") {
				t.Errorf("with values:\n%s\nwant:\n%s", values, c.values)
			}
			if plain := flatAll(got.Plain); plain != c.plain && c.plain != "" {
				t.Errorf("without values:\n%s\nwant:\n%s", plain, c.plain)
			}
			if text, _ := json.Marshal(got.Plain); strings.Contains(string(text), `"Path":"`) || strings.Contains(string(text), `Context":"`) {
				t.Errorf("values where none are asked for: %s", text)
			}
		})
	}
}

func TestContexts(t *testing.T) {
	former := bind(t, fmt.Sprintf(keyAndSecret, "1", ""), nil)
	want := bind(t, fmt.Sprintf(keyAndSecret, "2", `,"DeletionPolicy":"Retain"`)+`,"New":{"Type":"AWS::IAM::User","Properties":{"LoginProfile":{"Password":{"Ref":"Hidden"},"PasswordResetRequired":true}}}`, nil)
	is := stack{}
	is.make(t, former, nil)
	p, err := plan.Compare(is, former, want, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Render()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range got.Values {
		for _, text := range []*string{c.BeforeContext, c.AfterContext} {
			if text == nil {
				lines = append(lines, "-")
			} else {
				lines = append(lines, *text)
			}
		}
	}
	wanted := []string{
		`{"Properties":{"UserName":"user1","Serial":"1"}}`,
		`{"Properties":{"UserName":"user1","Serial":"2"},"DeletionPolicy":"Retain"}`,
		"-",
		`{"Properties":{"LoginProfile":{"Password":"****","PasswordResetRequired":"true"}}}`,
		`{"Properties":{"SecretString":"****"}}`,
		`{"Properties":{"SecretString":"{{changeSet:KNOWN_AFTER_APPLY}}"}}`,
	}
	if !slices.Equal(lines, wanted) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(wanted, "\n"))
	}
}

// draw is a template of users, groups and keys that refer to each other.
func draw(r *rand.Rand) (resources string, tags []directory.Tag) {
	var all []string
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	users := 0
	for i := range 3 {
		if r.IntN(4) > 0 {
			users |= 1 << i
			all = append(all, fmt.Sprintf(`"U%d":{"Type":"AWS::IAM::User","Properties":{"UserName":%s,"Path":%s}%s}`, i,
				pick(`"a"`, `{"Ref":"P"}`), pick(`"/a/"`, `"/b/"`), pick("", `,"Metadata":{"v":1}`, `,"Metadata":{"v":2}`)))
		}
	}
	for i := range 3 {
		if users&(1<<i) == 0 || r.IntN(4) == 0 {
			continue
		}
		all = append(all,
			fmt.Sprintf(`"K%d":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"U%d"},"Serial":%s,"Status":%s}}`, i, i, pick("1", "2"), pick(`"Active"`, `"Inactive"`)),
			fmt.Sprintf(`"S%d":{"Type":"AWS::SecretsManager::Secret","Properties":{"SecretString":%s,"Description":%s}}`, i,
				pick(fmt.Sprintf(`{"Fn::GetAtt":["K%d","SecretAccessKey"]}`, i), `"text"`), pick(fmt.Sprintf(`{"Fn::GetAtt":["U%d","Arn"]}`, i), `"d"`)))
	}
	if r.IntN(4) == 0 {
		tags = []directory.Tag{{Key: "k", Value: pick("a", "b")}}
	}
	return strings.Join(append(all, `"G":{"Type":"AWS::IAM::Group"}`), ","), tags
}

// A plan lists exactly the resources that making its template changes, and says the truth
// about those that stay.
func TestPlanIsWhatHappens(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		first, tagsBefore := draw(r)
		second, tagsNow := draw(r)
		former := bind(t, first, map[string]string{"P": fmt.Sprint(r.IntN(2))})
		want := bind(t, second, map[string]string{"P": fmt.Sprint(r.IntN(2))})
		is := stack{}
		is.make(t, former, tagsBefore)
		before := map[string]string{}
		for logical, res := range is {
			before[logical] = res.Physical
		}
		p, err := plan.Compare(is, former, want, tagsNow)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Render()
		if err != nil {
			t.Fatal(err)
		}
		changed := is.make(t, want, tagsNow)
		var listed []string
		for i := range got.Values {
			c := &got.Values[i]
			listed = append(listed, *c.LogicalResourceId)
			if *c.Action == "Modify" && (*c.Replacement == "True") != (is[*c.LogicalResourceId].Physical != before[*c.LogicalResourceId]) {
				t.Errorf("seed %d: %s was to be replaced: %s; it was %s, and is %s", seed, *c.LogicalResourceId, *c.Replacement, before[*c.LogicalResourceId], is[*c.LogicalResourceId].Physical)
			}
		}
		if !slices.Equal(listed, changed) {
			t.Errorf("seed %d:\n%s\n->\n%s\nlists %q, but %q changed", seed, first, second, listed, changed)
		}
	}
}
