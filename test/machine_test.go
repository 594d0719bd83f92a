package test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/iamd-project/iamd/test/plain"
)

// A machine is an account of a server and what package plain says must be in it.
// Every call goes to both, and they must answer alike.
type machine struct {
	s       *server
	rules   *plain.Rules
	state   *plain.State
	keys    map[string]key         // that sign, by the caller's name
	clients map[string]*iam.Client // the same
	made    map[string]key         // other access keys, by ID, those deleted too
	signers []string               // their IDs, oldest first
	seen    map[string]bool
	history []move   // so far
	done    []string // the same and what came of it, for people
	tally   tally
}

// tally counts the calls of a test.
type tally struct{ calls, refused, restarts int }

// operator is a user who may do everything. Random calls never name it.
const operator = "operator"

// newMachine makes an account in which nothing has happened but that an operator is there.
func newMachine(t *testing.T, s *server, rules *plain.Rules, name string) *machine {
	t.Helper()
	account, root := rootKeyOf(t, s, "create", name)
	m := &machine{
		s: s, rules: rules, keys: map[string]key{plain.Root: root}, made: map[string]key{}, seen: map[string]bool{},
		state: &plain.State{Account: account, Entities: map[string]*plain.Entity{}},
	}
	m.connect()
	if err := errors.Join(m.learnRoot(t.Context()), m.learnAWS(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, c := range []plain.Call{
		{Op: "CreateUser", In: plain.Params{"UserName": operator, "Path": "/staff/"}},
		{Op: "AttachUserPolicy", In: plain.Params{"UserName": operator, "PolicyArn": adminARN}},
		{Op: "CreateAccessKey", In: plain.Params{"UserName": operator}},
	} {
		c.Caller = plain.Root
		if err := m.do(t, move{call: c}); err != nil {
			t.Fatal(err)
		}
	}
	m.history, m.done = nil, nil
	id := m.state.Find(plain.User, operator).Keys[0].ID
	m.keys[operator] = m.made[id]
	delete(m.made, id)
	m.signers = nil
	m.connect()
	return m
}

// connect makes the callers' clients anew.
func (m *machine) connect() {
	m.clients = map[string]*iam.Client{}
	for caller, k := range m.keys {
		m.clients[caller] = m.s.iam(k)
	}
}

// learnRoot reads what the server chose when it made the account.
func (m *machine) learnRoot(ctx context.Context) error {
	api := m.clients[plain.Root]
	user, err := api.GetUser(ctx, &iam.GetUserInput{})
	if err != nil {
		return err
	}
	listed, err := api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	if err != nil {
		return err
	}
	k := listed.AccessKeyMetadata[0]
	m.state.Entities[m.state.Account] = &plain.Entity{
		Kind: plain.RootUser, ID: m.state.Account, Account: m.state.Account, Created: user.User.CreateDate.Format(time.RFC3339), LastKey: 1,
		Keys: []plain.Key{{Number: 1, ID: *k.AccessKeyId, Status: string(k.Status), Created: k.CreateDate.Format(time.RFC3339)}},
	}
	return nil
}

// awsARNs are policies of AWS's that calls name. The last is for the role of a service.
var awsARNs = []string{adminARN, "arn:aws:iam::aws:policy/service-role/AWSQuickSightListIAM", "arn:aws:iam::aws:policy/aws-service-role/ServiceQuotasServiceRolePolicy"}

// learnAWS reads policies of AWS's, which the model does not make up.
func (m *machine) learnAWS(ctx context.Context) error {
	api := m.clients[plain.Root]
	for _, arn := range awsARNs {
		got, err := api.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return err
		}
		p := got.Policy
		version, err := api.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: p.DefaultVersionId})
		if err != nil {
			return err
		}
		document, err := url.PathUnescape(*version.PolicyVersion.Document)
		if err != nil {
			return err
		}
		number, err := strconv.Atoi(strings.TrimPrefix(*p.DefaultVersionId, "v"))
		if err != nil {
			return err
		}
		m.state.Entities[*p.PolicyId] = &plain.Entity{
			Kind: plain.Policy, ID: *p.PolicyId, Account: plain.AWS, Name: *p.PolicyName, Path: *p.Path, Description: p.Description,
			Created: p.CreateDate.Format(time.RFC3339), Updated: p.UpdateDate.Format(time.RFC3339), Default: number, Last: number,
			Versions: []plain.Version{{Number: number, Document: document, Created: version.PolicyVersion.CreateDate.Format(time.RFC3339)}},
		}
	}
	return nil
}

// move is what a test does to a machine: a call, or one of the others.
type move struct {
	call    plain.Call
	restart bool
	crash   bool   // in a restart
	signer  string // the ID of a key that is to sign

	chosen plain.Chosen // what the server chose in the reply to the call
}

// do is an error if the server and the model disagree, or the server fails.
func (m *machine) do(t *testing.T, mv move) error {
	m.history = append(m.history, mv)
	switch {
	case mv.restart:
		m.tally.restarts++
		m.done = append(m.done, fmt.Sprintf("  the server starts again (crashed: %t)", mv.crash))
		m.s = restart(t, m.s, mv.crash)
		m.connect()
		return nil
	case mv.signer != "":
		return m.sign(t.Context(), mv.signer)
	}
	return m.call(t.Context(), mv.call)
}

// call makes a call on the server and on the model. It is an error if they disagree.
func (m *machine) call(ctx context.Context, c plain.Call) error {
	got, err := m.ask(ctx, c)
	if err == nil {
		err = m.learn(got)
	}
	if err != nil {
		return m.tell(fmt.Errorf("%v: %w", c, err))
	}
	m.history[len(m.history)-1].chosen = got.chosen
	m.done = append(m.done, got.String())
	m.tally.calls++
	if got.refused != nil {
		m.tally.refused++
	}
	if want := m.expect(m.state, got); !got.is(want) {
		return m.tell(fmt.Errorf("%v\ngot %s\nwant %s", c, got.show(), want.show()))
	}
	return nil
}

// tell adds to an error what led to it.
func (m *machine) tell(err error) error {
	return fmt.Errorf("%w\n\nthe calls in account %s were:\n%s", err, m.state.Account, strings.Join(m.done, "\n"))
}

// answer is what a call got: a reply or a refusal.
type answer struct {
	call    plain.Call
	reply   any
	refused *plain.Refusal
	chosen  plain.Chosen
	secret  string // of a key that was made; the reply is shown to people, and says hidden

	begun, ended time.Time
}

func (a answer) String() string {
	switch {
	case a.refused != nil:
		return fmt.Sprintf("  %v\n    → %d %s: %s", a.call, a.refused.Status, a.refused.Code, a.refused.Message)
	case a.chosen.ID != "":
		return fmt.Sprintf("  %v\n    → %s", a.call, a.chosen.ID)
	}
	return fmt.Sprintf("  %v", a.call)
}

// show is all of the answer.
func (a answer) show() string {
	if a.refused != nil {
		return fmt.Sprintf("%d %s: %s", a.refused.Status, a.refused.Code, a.refused.Message)
	}
	text, _ := json.MarshalIndent(a.reply, "", "  ")
	return string(text)
}

func (a answer) is(b answer) bool {
	return reflect.DeepEqual(a.reply, b.reply) && reflect.DeepEqual(a.refused, b.refused)
}

// expect makes a call that was answered on a state of the model.
func (m *machine) expect(s *plain.State, got answer) answer {
	want := answer{call: got.call, chosen: got.chosen}
	out, refused := m.rules.Apply(s, got.call, got.chosen)
	if want.refused = refused; refused == nil {
		want.reply = untyped(out)
	}
	return want
}

// ask makes a call with AWS's client. An error is no refusal: the server failed, or
// said what it must not say.
func (m *machine) ask(ctx context.Context, c plain.Call) (answer, error) {
	method := reflect.ValueOf(m.clients[c.Caller]).MethodByName(c.Op)
	in := reflect.New(method.Type().In(1).Elem())
	text, err := json.Marshal(c.In)
	if err == nil {
		err = json.Unmarshal(text, in.Interface())
	}
	if err != nil {
		return answer{}, err
	}
	a := answer{call: c, begun: time.Now()}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), in})
	a.ended = time.Now()
	if err, _ := results[1].Interface().(error); err != nil {
		a.refused, err = refusalOf(err)
		return a, err
	}
	a.reply = untyped(results[0].Interface())
	a.choose()
	return a, nil
}

func refusalOf(err error) (*plain.Refusal, error) {
	said, ok := errors.AsType[smithy.APIError](err)
	response, ok2 := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || !ok2 || response.HTTPStatusCode() >= 500 {
		return nil, err
	}
	return &plain.Refusal{Status: response.HTTPStatusCode(), Code: said.ErrorCode(), Message: said.ErrorMessage()}, nil
}

// untyped is a reply without its types and without what is absent.
func untyped(reply any) any {
	text, err := json.Marshal(reply)
	if err != nil {
		panic(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	return withoutAbsent(v)
}

func withoutAbsent(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "ResultMetadata")
		for name, member := range v {
			if member == nil {
				delete(v, name)
			} else {
				withoutAbsent(member)
			}
		}
	case []any:
		for _, item := range v {
			withoutAbsent(item)
		}
	}
	return v
}

// creations says where replies have what the server chose, and how an ID looks.
var creations = map[string]struct{ member, id, form string }{
	"CreateUser":            {"User", "UserId", `^AIDA[A-Z0-9]{17}$`},
	"CreateGroup":           {"Group", "GroupId", `^AGPA[A-Z0-9]{17}$`},
	"CreateRole":            {"Role", "RoleId", `^AROA[A-Z0-9]{17}$`},
	"CreatePolicy":          {"Policy", "PolicyId", `^ANPA[A-Z0-9]{17}$`},
	"CreateInstanceProfile": {"InstanceProfile", "InstanceProfileId", `^AIPA[A-Z0-9]{17}$`},
	"CreateAccessKey":       {"AccessKey", "AccessKeyId", `^AKIA[A-Z2-7]{16}$`},
	"CreatePolicyVersion":   {"PolicyVersion", "", ""},
	"CreateLoginProfile":    {"LoginProfile", "", ""},
}

// hidden stands for any secret.
const hidden = "hidden"

// choose finds what the server chose in its reply.
func (a *answer) choose() {
	reply, where := a.reply.(map[string]any), creations[a.call.Op]
	made, _ := reply[where.member].(map[string]any)
	a.chosen = plain.Chosen{ID: textOf(made[where.id]), Date: textOf(made["CreateDate"]), Secret: hidden, Marker: textOf(reply["Marker"])}
	if a.secret = textOf(made["SecretAccessKey"]); a.secret != "" {
		made["SecretAccessKey"] = hidden
	}
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

var secretForm = regexp.MustCompile(`^[A-Za-z0-9/+]{40}$`)

// learn believes what the server chose, if it was free to choose that.
func (m *machine) learn(a answer) error {
	where, made := creations[a.call.Op]
	if !made || a.refused != nil {
		return nil
	}
	date, err := time.Parse(time.RFC3339, a.chosen.Date)
	if err != nil {
		return err
	}
	if date.Before(a.begun.Add(-time.Second)) || date.After(a.ended) {
		return fmt.Errorf("made at %v, and asked for from %v to %v", date, a.begun, a.ended)
	}
	if where.id == "" {
		return nil
	}
	if !regexp.MustCompile(where.form).MatchString(a.chosen.ID) || m.seen[a.chosen.ID] {
		return fmt.Errorf("%s is no new ID of the form %s", a.chosen.ID, where.form)
	}
	m.seen[a.chosen.ID] = true
	if where.member == "AccessKey" {
		if !secretForm.MatchString(a.secret) {
			return fmt.Errorf("the secret of %s has another form", a.chosen.ID)
		}
		m.made[a.chosen.ID] = key{ID: a.chosen.ID, Secret: a.secret}
		m.signers = append(m.signers, a.chosen.ID)
	}
	return nil
}

// sign checks who one of the keys made stands for: its owner, or nobody.
func (m *machine) sign(ctx context.Context, id string) error {
	who := "nobody"
	for _, e := range m.state.Entities {
		if slices.ContainsFunc(e.Keys, func(k plain.Key) bool { return k.ID == id && k.Status == "Active" }) {
			who = e.ID
		}
	}
	m.done = append(m.done, "  "+id+" signs")
	if err := mustBe(ctx, m.s.sts(m.made[id]), id, who); err != nil {
		return m.tell(err)
	}
	return nil
}

// restart ends the server, in peace or not, and starts it on the same data.
func restart(t *testing.T, s *server, crash bool) *server {
	t.Helper()
	if crash {
		s.kill(t)
	} else {
		s.stop(t)
	}
	checkDoctor(t, s)
	s.http.CloseIdleConnections()
	return start(t, onData(s.data))
}

// checkDoctor demands a clean bill of health.
func checkDoctor(t *testing.T, s *server) {
	t.Helper()
	report := iamd(t, "doctor", "--data", s.data)
	if report.code != 0 || !strings.HasSuffix(report.stdout, "; 0 problems\n") {
		t.Fatalf("iamd doctor: exit code %d\n%s%s", report.code, report.stdout, report.stderr)
	}
}
