package audit

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/cloudtrail"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/shapes/sts"
)

const canary = "canary"

// TestNoSecrets fills each shape of each service, with a canary in each member
// that must not be shown and in each blob.
func TestNoSecrets(t *testing.T) {
	services := []*shapes.Service{
		&cloudformation.Service, &cloudtrail.Service, &iam.Service, &secretsmanager.Service, &ssm.Service, &sts.Service,
	}
	secrets := 0
	for _, s := range services {
		for _, op := range s.Operations {
			for _, make := range []func() any{op.Input, op.Output} {
				if make == nil {
					continue
				}
				x := make()
				f := filler{}
				f.fill(reflect.ValueOf(x).Elem(), false, 0)
				secrets += f.secrets

				w := writer{}
				w.shape(x, math.MaxInt32, cutNone)
				if !json.Valid(w.buf) {
					t.Errorf("%s %s: %T is not JSON: %s", s.ID, op.Name, x, w.buf)
				}
				if strings.Contains(string(w.buf), canary) {
					t.Errorf("%s %s: %T shows a secret: %s", s.ID, op.Name, x, w.buf)
				}
				if f.shown > 0 && !strings.Contains(string(w.buf), "shown") {
					t.Errorf("%s %s: %T shows nothing: %s", s.ID, op.Name, x, w.buf)
				}
			}
		}
	}
	if secrets < 50 {
		t.Errorf("only %d secret members were filled", secrets)
	}
}

// filler puts something into every field.
type filler struct{ secrets, shown int }

func (f *filler) fill(v reflect.Value, secret bool, depth int) {
	if depth > 8 {
		return // some shapes hold themselves
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), secret, depth+1)
	case reflect.Struct:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(noon))
			return
		}
		for i := range v.NumField() {
			tag := v.Type().Field(i).Tag.Get("aws")
			name, _, _ := strings.Cut(tag, ",")
			f.fill(v.Field(i), secret || strings.Contains(tag, ",sensitive") || secretMembers[name], depth+1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(canary))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), secret, depth+1)
		f.fill(v.Index(1), secret, depth+1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key, secret, depth+1)
		f.fill(value, secret, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		if secret {
			f.secrets++
			v.SetString(canary)
		} else {
			f.shown++
			v.SetString("shown")
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	default:
		panic("a shape with a " + v.Kind().String())
	}
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name string
		x    any
		want string
	}{
		{"nil", nil, `null`},
		{"nil pointer", (*iam.GetUserRequest)(nil), `null`},
		{"nothing but a secret", &iam.ChangePasswordRequest{OldPassword: "a", NewPassword: "b"}, `null`},
		{"a secret beside others", &iam.CreateLoginProfileRequest{Password: ptr("a"), PasswordResetRequired: ptr(false), UserName: ptr("Bob")},
			`{"passwordResetRequired":false,"userName":"Bob"}`},
		{"single values first", &iam.CreateUserRequest{UserName: "Bob", Tags: []iam.Tag{{Key: "k", Value: ""}}},
			`{"userName":"Bob","tags":[{"key":"k","value":""}]}`},
		{"a list of none", &iam.CreateUserRequest{UserName: "Bob", Tags: []iam.Tag{}}, `{"userName":"Bob","tags":[]}`},
		{"an acronym", &secretsmanager.CreateSecretResponse{ARN: ptr("arn:x"), Name: ptr("n")}, `{"arn":"arn:x","name":"n"}`},
		{"an acronym in front", &iam.GetSAMLProviderRequest{SAMLProviderArn: "arn:x"}, `{"sAMLProviderArn":"arn:x"}`},
		{"a map, in order", &secretsmanager.DescribeSecretResponse{VersionIdsToStages: map[string][]string{"b": {"x", "y"}, "a": nil, "c": {}}},
			`{"versionIdsToStages":{"b":["x","y"],"c":[]}}`},
		{"a time elsewhere", &iam.User{CreateDate: noon.In(time.FixedZone("", -11*3600)), Path: ptr("/"), UserName: ptr("u")},
			`{"arn":"","createDate":"Nov 22, 2026, 10:15:00 AM","path":"/","userId":"","userName":"u"}`},
	} {
		w := writer{}
		w.shape(c.x, maxRequest, cutRequest)
		if string(w.buf) != c.want || w.cut != cutNone {
			t.Errorf("%s: got %s (cut %b), want %s", c.name, w.buf, w.cut, c.want)
		}
	}
}

// TestCutShapes cuts a request at each size: it stays JSON, within the limit,
// and flagged.
func TestCutShapes(t *testing.T) {
	x := &iam.CreateUserRequest{UserName: "Bob", Path: ptr("/a\"b/"), Tags: make([]iam.Tag, 9)}
	for i := range x.Tags {
		x.Tags[i] = iam.Tag{Key: "some\nkey", Value: "some\nvalue"}
	}
	whole := writer{}
	whole.shape(x, maxRequest, cutRequest)
	for limit := shapeSlack; limit < len(whole.buf)+shapeSlack; limit++ {
		w := writer{}
		w.shape(x, limit, cutRequest)
		if len(w.buf) > limit || !json.Valid(w.buf) || (w.cut == cutNone) != (len(w.buf) == len(whole.buf)) {
			t.Errorf("at %d: %s (%d bytes, cut %b)", limit, w.buf, len(w.buf), w.cut)
		}
	}
}
