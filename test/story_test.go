package test

import (
	"cmp"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/iamd-project/iamd/internal/totp"
)

// story is calls of AWS's own clients, one after another, in an account of its own.
type story struct {
	name  string
	given func(t *testing.T, s *server, v values) // makes what no call can; may be nil
	steps []step
}

// step is calls that end alike.
type step struct {
	in   []any             // inputs of the SDK: *iam.CreateUserInput is a call of CreateUser
	want string            // the error's code; "" is success
	as   string            // whose key: a name that keep gave, nobody, or "" for the account's root
	home string            // the region; "" is us-east-1
	text string            // the error's whole text; "" for any
	has  map[string]string // what replies have, by path
	keep map[string]string // names for what replies have, by path
}

// does is calls that succeed.
func does(in ...any) step { return step{in: in} }

// fails is calls that end with an error of that code.
func fails(want string, in ...any) step { return step{in: in, want: want} }

// by has a step done with the key kept under a name.
func (s step) by(name string) step { s.as = name; return s }

// at has a step done in another region.
func (s step) at(region string) step { s.home = region; return s }

// says is the error's whole text.
func (s step) says(text string) step { s.text = text; return s }

// shows demands something of the reply; lookUp tells what a path is.
func (s step) shows(path, value string) step {
	s.has = with(s.has, path, value)
	return s
}

// keeps gives what the reply has at a path a name. In later steps, <name> in any
// string stands for it. Access keys and session credentials can be kept, too, for
// by, with <name.id> for the key's ID; and seeds of MFA devices, for codes: <name 0>
// is the code of the time when the story began, and <name -1> that before it.
func (s step) keeps(name, path string) step {
	s.keep = with(s.keep, name, path)
	return s
}

func with(m map[string]string, key, value string) map[string]string {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}

// values are what the names in <> stand for.
type values map[string]string

func (v values) putKey(name string, k key) {
	v[name+".id"], v[name+".secret"], v[name+".token"] = k.ID, k.Secret, k.Token
}

func (v values) key(name string) (k key, ok bool) {
	_, ok = v[name+".id"]
	return key{v[name+".id"], v[name+".secret"], v[name+".token"]}, ok
}

const (
	root   = "root"   // the key of a story's account
	nobody = "nobody" // calls without a key
)

// Each story is told in an account of its own, on one server, which writes down none of
// their secrets.
func TestStories(t *testing.T) {
	t.Parallel()
	s := start(t)
	told := &secrecy{heard: map[string]string{}, known: map[string]bool{}}
	t.Run("all", func(t *testing.T) {
		for _, story := range stories() {
			t.Run(story.name, func(t *testing.T) {
				t.Parallel()
				tellTo(t, s, story, told.hear)
			})
		}
	})
	told.check(t, s)
}

func stories() []story {
	return slices.Concat(
		userStories(),
		groupStories(),
		roleStories(),
		policyStories(),
		credentialStories(),
		certificateStories(),
		providerStories(),
		accountStories(),
		delegationStories(),
		simulationStories(),
		tokenStories(),
		federationStories(),
		secretStories(),
		parameterStories(),
		eventStories(),
		stackStories(),
	)
}

// tell runs a story, in an account of its own.
func tell(t *testing.T, s *server, told story) {
	t.Helper()
	tellTo(t, s, told, func(operation, reflect.Value, reflect.Value) {})
}

// tellTo is tell, with someone who hears of each call: its input and its output.
func tellTo(t *testing.T, s *server, told story, hear func(o operation, in, out reflect.Value)) {
	t.Helper()
	account, k := rootKeyOf(t, s, "create", told.name)
	v := values{"account": account, "began": fmt.Sprint(totp.At(time.Now()))}
	v.putKey(root, k)
	if told.given != nil {
		told.given(t, s, v)
	}
	for n, step := range told.steps {
		for _, in := range step.in {
			if !isBuilt(operationOf(in)) {
				continue // TestEveryOperationHasAStory names it
			}
			c := &caller{t: t, s: s, v: v, hear: hear, where: fmt.Sprintf("step %d, %s", n+1, operationOf(in).name)}
			c.take(step, in)
		}
	}
}

// caller makes one call.
type caller struct {
	t     *testing.T
	s     *server
	v     values
	hear  func(o operation, in, out reflect.Value)
	where string
}

func (c *caller) take(s step, in any) {
	c.t.Helper()
	filled := c.fill(reflect.ValueOf(in))
	out, err := c.call(c.key(s.as), cmp.Or(s.home, "us-east-1"), filled)
	c.hear(operationOf(in), filled, out)
	if s.want != "" {
		c.checkError(operationOf(in), s, err)
		return
	}
	if err != nil {
		c.t.Fatalf("%s: %v\nwith %s", c.where, err, show(filled))
	}
	for path, want := range s.has {
		got, ok := lookUp(out, c.expand(path))
		want = c.expand(want)
		if !ok || want != "*" && fmt.Sprint(got) != want {
			c.t.Errorf("%s: %s is %v, want %s\nin %s", c.where, path, got, want, show(out))
		}
	}
	for name, path := range s.keep {
		got, ok := lookUp(out, c.expand(path))
		if !ok {
			c.t.Fatalf("%s: no %s in %s", c.where, path, show(out))
		}
		if v := reflect.ValueOf(got); v.Kind() == reflect.Struct {
			k := key{ID: v.FieldByName("AccessKeyId").Elem().String(), Secret: v.FieldByName("SecretAccessKey").Elem().String()}
			if token := v.FieldByName("SessionToken"); token.IsValid() {
				k.Token = token.Elem().String()
			}
			c.v.putKey(name, k)
			continue
		}
		c.v[name] = fmt.Sprint(got)
	}
}

func (c *caller) key(name string) key {
	c.t.Helper()
	if name == "" {
		name = root
	}
	k, ok := c.v.key(name)
	if !ok && name != nobody {
		c.t.Fatalf("%s: nothing kept a key of %s", c.where, name)
	}
	return k
}

// call finds the client's method by the name of its input.
func (c *caller) call(k key, region string, in reflect.Value) (out reflect.Value, err error) {
	o := operationOf(in.Interface())
	var client any
	switch {
	case o.service == "iam":
		client = c.s.iam(k)
	case o.service == "secretsmanager":
		client = c.s.secretsIn(region, k)
	case o.service == "ssm":
		client = c.s.ssm(k, region)
	case o.service == "cloudformation":
		client = c.s.cloudformation(k)
	case o.service == "cloudtrail":
		client = c.s.cloudtrail(k)
	case k.ID == "":
		client = c.s.nobody()
	default:
		client = c.s.sts(k)
	}
	method := reflect.ValueOf(client).MethodByName(o.name)
	result := method.Call([]reflect.Value{reflect.ValueOf(c.t.Context()), in})
	err, _ = result[1].Interface().(error)
	return result[0], err
}

// checkError demands the code, and the status that the model has for it.
func (c *caller) checkError(o operation, s step, err error) {
	c.t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != s.want {
		c.t.Errorf("%s: got %v, want %s", c.where, err, s.want)
		return
	}
	if want := c.expand(s.text); want != "" && e.ErrorMessage() != want {
		c.t.Errorf("%s:\n got %s\nwant %s", c.where, e.ErrorMessage(), want)
	}
	status, documented := documentedErrors(o)[s.want]
	if r, ok := errors.AsType[*awshttp.ResponseError](err); documented && (!ok || r.HTTPStatusCode() != status) {
		c.t.Errorf("%s: %s has status %d, want %d", c.where, s.want, r.HTTPStatusCode(), status)
	}
}

var placeholder = regexp.MustCompile(`<([a-zA-Z.]+)(?: ([+-]?\d))?>`)

// expand puts values in the place of their names.
func (c *caller) expand(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(found string) string {
		m := placeholder.FindStringSubmatch(found)
		value, ok := c.v[m[1]]
		if !ok {
			c.t.Errorf("%s: nothing kept %s", c.where, found)
		}
		if m[2] == "" {
			return value
		}
		return c.code(value, m[2])
	})
}

// code is an MFA code, some steps from when the story began.
func (c *caller) code(seed, steps string) string {
	began, err := strconv.ParseInt(c.v["began"], 10, 64)
	n, err2 := strconv.ParseInt(steps, 10, 64)
	bytes, err3 := base32.StdEncoding.DecodeString(seed)
	if err := errors.Join(err, err2, err3); err != nil {
		c.t.Errorf("%s: %v", c.where, err)
	}
	return totp.Code(bytes, totp.Counter(began+n))
}

// fill is a copy of an input, with values in the place of their names.
func (c *caller) fill(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(c.fill(v.Elem()))
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for _, f := range out.Fields() { // the unexported ones stay as they are
			if f.CanSet() {
				f.Set(c.fill(f))
			}
		}
		return out
	case reflect.Slice:
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(c.fill(v.Index(i)))
		}
		if v.IsNil() {
			return v
		}
		return out
	case reflect.String:
		return reflect.ValueOf(c.expand(v.String())).Convert(v.Type())
	}
	return v
}

// lookUp is what a reply has at a path: the names of fields, the keys of maps, or the
// numbers of elements, with dots between them. "#" is how many there are, and "%" the text of
// what is escaped as in a URL.
func lookUp(out reflect.Value, path string) (any, bool) {
	v := out
	for name := range strings.SplitSeq(path, ".") {
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		switch {
		case name == "#":
			v = reflect.ValueOf(v.Len())
		case name == "%":
			text, err := url.QueryUnescape(v.String())
			if err != nil {
				return err, false
			}
			v = reflect.ValueOf(text)
		case v.Kind() == reflect.Slice:
			i, err := strconv.Atoi(name)
			if err != nil || i >= v.Len() {
				return nil, false
			}
			v = v.Index(i)
		case v.Kind() == reflect.Struct:
			v = v.FieldByName(name)
		case v.Kind() == reflect.Map:
			v = v.MapIndex(reflect.ValueOf(name))
		default:
			return nil, false
		}
		if !v.IsValid() {
			return nil, false
		}
	}
	switch x := v.Interface().(type) {
	case []byte:
		return string(x), true
	case *time.Time:
		if x != nil {
			return *x, true
		}
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "absent", true
		}
		v = v.Elem()
	}
	return v.Interface(), true
}

// show prints what pointers point to.
func show(v reflect.Value) string {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// operation is one of AWS's.
type operation struct{ service, name string }

// operationOf is the operation that an input of the SDK belongs to.
func operationOf(in any) operation {
	typ := reflect.TypeOf(in).Elem()
	service := typ.PkgPath()[strings.LastIndex(typ.PkgPath(), "/")+1:]
	return operation{service, strings.TrimSuffix(typ.Name(), "Input")}
}
