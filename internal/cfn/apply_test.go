package cfn_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	secretshape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	ssmshape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// draw makes templates of resources that refer to each other.
type draw struct {
	*rand.Rand
	there map[string]bool
}

// maybe is one of several texts, or nothing.
func (d *draw) maybe(texts ...string) string {
	if i := d.IntN(len(texts) + 1); i < len(texts) {
		return texts[i]
	}
	return ""
}

// some are those of several items that the dice want and, of references, that are there.
func (d *draw) some(items ...string) []string {
	var list []string
	for _, item := range items {
		if d.IntN(2) == 0 {
			continue
		}
		if logical, is := strings.CutPrefix(item, "!"); !is {
			list = append(list, item)
		} else if d.there[logical] {
			list = append(list, `{"Ref":"`+logical+`"}`)
		}
	}
	return list
}

// list is a property that is a list; nothing if it has no items.
func list(name string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	return `"` + name + `":[` + strings.Join(items, ",") + `]`
}

const anyDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"*"}]}`

func (d *draw) document() string {
	return fmt.Sprintf(anyDocument, []string{"s3:*", "iam:Get*", "sts:*"}[d.IntN(3)])
}

func (d *draw) inline(names ...string) string {
	var items []string
	for _, name := range d.some(names...) {
		items = append(items, `{"PolicyName":"`+name+`","PolicyDocument":`+d.document()+`}`)
	}
	return list("Policies", items)
}

func (d *draw) tags() string {
	return list("Tags", d.some(`{"Key":"a","Value":"1"}`, `{"Key":"b","Value":"`+d.maybe("2", "3")+`"}`))
}

// template is a template whose access key has that serial; 0 for none.
func (d *draw) template(serial int) string {
	d.there = map[string]bool{}
	logical := []string{"G1", "G2", "M", "U1", "U2", "R", "P", "K", "A", "S", "V"}
	for _, l := range logical {
		d.there[l] = d.IntN(4) > 0
	}
	d.there["K"] = d.there["K"] && d.there["U1"]
	d.there["A"] = d.there["A"] && d.there["U2"] && d.there["G2"]
	d.there["P"] = d.there["P"] && d.there["U2"]
	var made []string
	for _, l := range logical {
		if d.there[l] {
			typ, properties := d.resource(l, serial)
			made = append(made, `"`+l+`":{"Type":"`+typ+`","Properties":{`+join(properties)+`}}`)
		}
	}
	if len(made) == 0 {
		made = []string{first}
	}
	return resources(made...)
}

// join joins properties, leaving those out that are nothing.
func join(properties []string) string {
	var all []string
	for _, p := range properties {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, ",")
}

func (d *draw) resource(logical string, serial int) (typ string, properties []string) {
	switch logical[0] {
	case 'G':
		return "AWS::IAM::Group", []string{d.maybe(`"Path":"/p/"`, `"Path":"/q/"`), d.inline("g1", "g2"), list("ManagedPolicyArns", d.some("!M"))}
	case 'M':
		return "AWS::IAM::ManagedPolicy", []string{d.maybe(`"Description":"one"`), `"PolicyDocument":` + d.document()}
	case 'U':
		in := []string{"!G1", "!G2"}
		if logical == "U2" {
			in = in[:1] // A has the other
		}
		boundary := ""
		if d.there["M"] {
			boundary = d.maybe(`"PermissionsBoundary":{"Ref":"M"}`)
		}
		return "AWS::IAM::User", []string{
			d.maybe(`"UserName":"`+logical+`"`, `"UserName":"`+logical+`b"`), d.maybe(`"Path":"/p/"`), list("Groups", d.some(in...)),
			list("ManagedPolicyArns", d.some("!M")), d.inline("u1", "u2"), d.tags(), boundary,
		}
	case 'R':
		trust := `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` +
			cmp.Or(d.maybe("ec2"), "lambda") + `.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
		return "AWS::IAM::Role", []string{trust, d.maybe(`"MaxSessionDuration":7200`), d.maybe(`"Path":"/p/"`), d.maybe(`"Description":"x"`), d.inline("r1", "r2"), d.tags()}
	case 'P':
		return "AWS::IAM::Policy", []string{`"PolicyName":"p` + d.maybe("q") + `"`, `"PolicyDocument":` + d.document(), list("Users", append(d.some("!U1"), `{"Ref":"U2"}`))}
	case 'K':
		number := ""
		if serial > 0 {
			number = fmt.Sprintf(`"Serial":%d`, serial)
		}
		return "AWS::IAM::AccessKey", []string{`"UserName":{"Ref":"U1"}`, number, d.maybe(`"Status":"Inactive"`, `"Status":"Active"`)}
	case 'A':
		return "AWS::IAM::UserToGroupAddition", []string{`"GroupName":{"Ref":"G2"}`, `"Users":[{"Ref":"U2"}]`}
	case 'S':
		value := `"SecretString":"plain"`
		if d.there["K"] {
			value = cmp.Or(d.maybe(`"SecretString":{"Fn::Join":["",["for ",{"Ref":"AWS::StackName"},{"Fn::GetAtt":["K","SecretAccessKey"]}]]}`), value)
		}
		return "AWS::SecretsManager::Secret", []string{`"Name":"n` + d.maybe("m") + `"`, d.maybe(`"Description":"x"`), value, d.tags()}
	}
	value := `"v"`
	if d.there["G1"] {
		value = cmp.Or(d.maybe(`{"Fn::Sub":"at ${G1}"}`), value)
	}
	return "AWS::SSM::Parameter", []string{`"Name":"/v` + d.maybe("w") + `"`, `"Type":"String"`, `"Value":` + value, d.maybe(`"Description":"x"`)}
}

// What differs between two accounts that hold the same: IDs, dates, the random ends of
// names and secrets.
var different = regexp.MustCompile(`(?:AIDA|AGPA|AROA|ANPA|AKIA|AIPA)[A-Z0-9]{16,17}|\d{4}-\d\d-\d\dT[0-9:.]+Z|-[a-zA-Z0-9]{12,13}\b|"for s.{40}"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|-[a-zA-Z0-9]{6}\b`)

// holds is what the account holds, but for that.
func (w *world) holds() string {
	w.t.Helper()
	all := must[iamshape.GetAccountAuthorizationDetailsResponse](w, &iamshape.GetAccountAuthorizationDetailsRequest{
		Filter: []string{"User", "Role", "Group", "LocalManagedPolicy"},
	})
	for i := range all.Policies { // an update makes another version, and keeps the old ones
		all.Policies[i].DefaultVersionId = nil
		for _, v := range all.Policies[i].PolicyVersionList {
			if *v.IsDefaultVersion {
				v.VersionId = nil
				all.Policies[i].PolicyVersionList = []iamshape.PolicyVersion{v}
			}
		}
	}
	parts := []any{all}
	byKey := func(a, b iamshape.Tag) int { return strings.Compare(a.Key, b.Key) } // the order of tags says nothing
	for i := range all.RoleDetailList {
		slices.SortFunc(all.RoleDetailList[i].Tags, byKey)
	}
	for i := range all.UserDetailList {
		slices.SortFunc(all.UserDetailList[i].Tags, byKey)
		keys := must[iamshape.ListAccessKeysResponse](w, &iamshape.ListAccessKeysRequest{UserName: all.UserDetailList[i].UserName})
		parts = append(parts, keys.AccessKeyMetadata)
	}
	for _, id := range []string{"n", "nm"} {
		if out, err := w.Call(w.t.Context(), nil, "", "", &secretshape.DescribeSecretRequest{SecretId: id}); err == nil {
			d := out.(*secretshape.DescribeSecretResponse)
			value := must[secretshape.GetSecretValueResponse](w, &secretshape.GetSecretValueRequest{SecretId: id})
			slices.SortFunc(d.Tags, func(a, b secretshape.Tag) int { return strings.Compare(*a.Key, *b.Key) })
			parts = append(parts, d.Description, d.Tags, value.SecretString)
		}
	}
	for _, name := range []string{"/v", "/vw"} {
		if out, err := w.Call(w.t.Context(), nil, "", "", &ssmshape.GetParameterRequest{Name: name}); err == nil {
			parts = append(parts, out.(*ssmshape.GetParameterResult).Parameter.Value)
		}
	}
	text, err := json.MarshalIndent(parts, "", " ")
	if err != nil {
		w.t.Fatal(err)
	}
	return different.ReplaceAllString(string(text), "#")
}

// TestUpdateIsCreate compares what an update makes of a stack with the same stack made anew.
func TestUpdateIsCreate(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := &draw{Rand: rand.New(rand.NewPCG(seed, 6))}
			serial := d.IntN(2)
			from, to := d.template(serial), d.template(serial+d.IntN(2))
			changed, fresh := newWorld(t), newWorld(t)
			changed.create("s", from)
			if _, err := changed.Call(t.Context(), nil, "", "", &shape.UpdateStackInput{StackName: "s", TemplateBody: &to, Capabilities: capabilities}); err != nil {
				if strings.Contains(err.Error(), "No updates are to be performed.") {
					return
				}
				t.Fatalf("%v\nfrom %s\nto %s", err, from, to)
			}
			changed.is("s", "UPDATE_COMPLETE")
			fresh.create("s", to)
			if got, want := changed.holds(), fresh.holds(); got != want {
				t.Errorf("from %s\nto %s\nupdated:\n%s\nmade anew:\n%s", from, to, got, want)
			}
		})
	}
}
