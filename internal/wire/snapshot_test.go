package wire_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/cloudtrail"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/shapes/sts"
	"github.com/iamd-project/iamd/internal/wire"

	// The modules whose published snapshots are the judge.
	_ "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	_ "github.com/aws/aws-sdk-go-v2/service/iam"
	_ "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	_ "github.com/aws/aws-sdk-go-v2/service/ssm"
	_ "github.com/aws/aws-sdk-go-v2/service/sts"
)

// services lists ours. The SDK has a request snapshot for each operation, except
// that cloudtrail's module has none.
var services = []struct {
	*shapes.Service
	module    string
	snapshots bool
}{
	{&iam.Service, "iam", true},
	{&sts.Service, "sts", true},
	{&cloudformation.Service, "cloudformation", true},
	{&secretsmanager.Service, "secretsmanager", true},
	{&ssm.Service, "ssm", true},
	{&cloudtrail.Service, "cloudtrail", false},
}

// newer lists the members that the SDK knows and our models do not have yet. We
// ignore them, so they are missing from what we write again.
var newer = map[string][]string{
	"iam":            {"OrderedOrganizationPolicyInputList", "PolicyExclusionList"},
	"sts":            {"MinimumSessionTokenSize"},
	"cloudformation": {"DeploymentConfig", "DisableValidation", "ForceRollback"},
}

// known returns a form without the members of newer.
func known(service string, form []byte) []byte {
	var kept [][]byte
	for pair := range bytes.SplitSeq(form, []byte("&")) {
		name, _, _ := bytes.Cut(pair, []byte("="))
		name, _, _ = bytes.Cut(name, []byte("."))
		if !slices.Contains(newer[service], string(name)) {
			kept = append(kept, pair)
		}
	}
	return bytes.Join(kept, []byte("&"))
}

// moduleDir says where the SDK's module for a service is.
func moduleDir(t testing.TB, service string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+service).Output()
	if err != nil {
		t.Fatalf("finding the SDK's %s: %v", service, err)
	}
	return strings.TrimSpace(string(out))
}

// readSnapshot returns the body of a snapshot: what follows its first line and
// its headers. In a request a blank line stands before the headers, too.
func readSnapshot(t testing.TB, path string) (head, body []byte) {
	t.Helper()
	snap, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parts := bytes.SplitN(snap, []byte("\n\n"), 3)
	if !bytes.HasPrefix(snap, []byte("POST ")) {
		parts = bytes.SplitN(snap, []byte("\n\n"), 2)
	}
	return parts[0], parts[len(parts)-1]
}

// TestRequestSnapshots decodes every request that the SDK publishes for an
// operation of ours, writes it again, and wants the same bytes.
func TestRequestSnapshots(t *testing.T) {
	checked := 0
	for _, svc := range services {
		if !svc.snapshots {
			continue
		}
		dir := filepath.Join(moduleDir(t, svc.module), "request_snapshot")
		p := wire.CodecOf(svc.Service)
		for _, op := range svc.Operations {
			_, body := readSnapshot(t, filepath.Join(dir, op.Name+".request.snap"))
			if svc.Protocol == shapes.Query {
				body = known(svc.ID, body)
			}
			in := op.Input()
			absent, err := p.Decode(body, in)
			if err != nil || absent != nil {
				t.Errorf("%s %s: absent %v, %v", svc.ID, op.Name, absent, err)
				continue
			}
			if got := p.Encode(op.Name, in); !bytes.Equal(got, body) {
				t.Errorf("%s %s:\n got %s\nwant %s", svc.ID, op.Name, got, body)
			}
			checked++
		}
	}
	const want = 176 + 11 + 90 + 23 + 13
	if checked != want {
		t.Errorf("checked %d snapshots, want %d", checked, want)
	}
	t.Logf("checked %d request snapshots", checked)
}

// TestResponseSnapshots reads the replies that the SDK publishes for the JSON
// services into our outputs and wants Reply to write the same.
func TestResponseSnapshots(t *testing.T) {
	checked := 0
	for _, svc := range services {
		if !svc.snapshots || svc.Protocol != shapes.JSON11 {
			continue
		}
		dir := filepath.Join(moduleDir(t, svc.module), "response_snapshot")
		p := wire.CodecOf(svc.Service)
		for _, op := range svc.Operations {
			_, body := readSnapshot(t, filepath.Join(dir, op.Name+".response.snap"))
			var out any
			if op.Output != nil {
				out = op.Output()
				if absent, err := p.Decode(body, out); err != nil || absent != nil {
					t.Errorf("%s %s: absent %v, %v", svc.ID, op.Name, absent, err)
				}
			}
			if got := p.Reply(nil, &op, "", out); !sameJSON(t, got, body) {
				t.Errorf("%s %s:\n got %s\nwant %s", svc.ID, op.Name, got, body)
			}
			checked++
		}
	}
	if want := 23 + 13; checked != want {
		t.Errorf("checked %d snapshots, want %d", checked, want)
	}
}

// TestErrorSnapshots wants Secrets Manager's errors as the SDK has them.
func TestErrorSnapshots(t *testing.T) {
	dir := filepath.Join(moduleDir(t, "secretsmanager"), "response_snapshot")
	files, err := fs.Glob(os.DirFS(dir), "*.error.snap")
	if err != nil || len(files) == 0 {
		t.Fatalf("no error snapshots: %v", err)
	}
	p := wire.CodecOf(&secretsmanager.Service)
	for _, file := range files {
		_, body := readSnapshot(t, filepath.Join(dir, file))
		code := strings.TrimSuffix(file, ".error.snap")
		if got := p.Error(nil, "", newError(400, code, "__Message__")); !sameJSON(t, got, body) {
			t.Errorf("%s: got %s, want %s", code, got, body)
		}
	}
}

// TestTypes plans every input and output, and says so if one has no plan.
func TestTypes(t *testing.T) {
	for _, svc := range services {
		p := wire.CodecOf(svc.Service)
		for _, op := range svc.Operations {
			if _, err := p.Decode(nil, op.Input()); err != nil {
				t.Errorf("%s %s: %v", svc.ID, op.Name, err)
			}
			if op.Output != nil && len(p.Reply(nil, &op, "id", op.Output())) == 0 {
				t.Errorf("%s %s: empty reply", svc.ID, op.Name)
			}
		}
	}
}

// TestAbsent wants an empty request to lack exactly what the model requires.
func TestAbsent(t *testing.T) {
	for _, svc := range services {
		p := wire.CodecOf(svc.Service)
		for _, op := range svc.Operations {
			in := op.Input()
			var want []string
			for f := range reflect.TypeOf(in).Elem().Fields() {
				tag := strings.Split(f.Tag.Get("aws"), ",")
				if slices.Contains(tag, "required") {
					want = append(want, strings.ToLower(tag[0][:1])+tag[0][1:])
				}
			}
			if got, err := p.Decode(nil, in); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s %s: absent %v, %v; want %v", svc.ID, op.Name, got, err, want)
			}
		}
	}
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Errorf("%v in %s", err, a)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Errorf("%v in %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}
