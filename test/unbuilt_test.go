package test

import (
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/op"
	parts "github.com/iamd-project/iamd/internal/server"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/sigv4"
)

// Every operation that AWS has and iamd does not have says so by its name,
// once its required parameters are there.
func TestUnbuiltOperations(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	now := time.Now()
	missing := regexp.MustCompile(`^\d+ validation errors? detected: .* Member must not be null`)
	for _, service := range parts.Services() {
		if service.Shape.Protocol == shapes.RESTXML {
			continue // see TestUnbuiltREST
		}
		t.Run(service.Shape.ID, func(t *testing.T) {
			notBuilt, invalid := "NotImplemented", "ValidationError"
			if service.Shape.Protocol == shapes.JSON11 {
				notBuilt, invalid = "NotImplementedException", "ValidationException"
			}
			named := 0
			for _, operation := range unbuilt(service) {
				r := s.bare(t, service.Shape, operation)
				got := s.send(t, sign(t, r, root, service.Shape.ID, now))
				read := got.xmlRefusal
				if service.Shape.Protocol == shapes.JSON11 {
					read = got.jsonRefusal
				}
				refused := read(t)
				want := refusal{501, notBuilt, service.Lacks(operation)}
				switch {
				case refused == want:
					named++
				case refused.Status == 400 && refused.Code == invalid && missing.MatchString(refused.Message):
				default:
					t.Errorf("%s: got %+v, want %+v or what is missing", operation, refused, want)
				}
			}
			if named == 0 && len(unbuilt(service)) > 10 {
				t.Error("no operation answered that it is not built")
			}
		})
	}
}

// Operations of REST are known by all that their requests must have.
func TestUnbuiltREST(t *testing.T) {
	t.Parallel()
	s := start(t)
	root, now := s.root(t), time.Now()
	for _, service := range parts.Services() {
		names := unbuilt(service)
		for i := range service.Shape.Operations {
			operation := &service.Shape.Operations[i]
			if service.Shape.Protocol != shapes.RESTXML || !slices.Contains(names, operation.Name) {
				continue
			}
			r := s.request(t, operation.Method, strings.NewReplacer("{Bucket}", "bucket", "{Key+}", "a/key").Replace(operation.URI), "", "")
			r.Header.Set("X-Amz-Content-Sha256", string(sigv4.EmptyPayload))
			require(r, operation.Input())
			resp, err := s.http.Do(sign(t, r, root, service.Shape.ID, now))
			if err != nil {
				t.Fatal(err)
			}
			body := must[[]byte](t)(io.ReadAll(resp.Body))
			want := "<Error><Code>NotImplemented</Code><Message>" + service.Lacks(operation.Name) + "</Message>"
			if resp.StatusCode != 501 || !strings.Contains(string(body), want) {
				t.Errorf("%s: %d, %s", operation.Name, resp.StatusCode, body)
			}
		}
	}
}

// require puts what an input requires into the query and the headers of a request.
func require(r *http.Request, input any) {
	in := reflect.TypeOf(input).Elem()
	for i := range in.NumField() {
		tag := in.Field(i).Tag.Get("aws")
		if _, name, ok := strings.Cut(tag, ",required,query="); ok {
			r.URL.RawQuery += "&" + name + "=1"
		}
		if _, name, ok := strings.Cut(tag, ",required,header="); ok {
			r.Header.Set(name, "1")
		}
	}
}

// unbuilt is the names of the operations in a service's model that it does not do.
func unbuilt(s op.Service) (names []string) {
	built := map[string]bool{}
	for _, o := range s.Operations {
		built[o.Name] = true
	}
	for _, o := range s.Shape.Operations {
		if !built[o.Name] {
			names = append(names, o.Name)
		}
	}
	return names
}

// bare is a call without parameters.
func (s *server) bare(t *testing.T, service *shapes.Service, operation string) *http.Request {
	t.Helper()
	if service.Protocol == shapes.JSON11 {
		r := s.request(t, http.MethodPost, "/", "application/x-amz-json-1.1", "{}")
		r.Header.Set("X-Amz-Target", service.TargetPrefix+"."+operation)
		return r
	}
	return s.form(t, "Action="+operation+"&Version="+service.Version)
}
