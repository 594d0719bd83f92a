package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// model is a secret as a plain list of versions.
type model struct {
	w        *optest.World
	name     string
	versions []*version // oldest first
	labels   map[string]*version
	marked   bool
}

type version struct{ id, value string }

var labelNames = []string{"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "a", "b"}

func (m *model) find(id string) *version {
	for _, v := range m.versions {
		if v.id == id {
			return v
		}
	}
	return nil
}

func (m *model) move(label string, to *version) {
	from := m.labels[label]
	if from == to {
		return
	}
	if to == nil {
		delete(m.labels, label)
	} else {
		m.labels[label] = to
	}
	if label == "AWSCURRENT" && from != nil {
		m.move("AWSPREVIOUS", from)
	}
}

func (m *model) stages(v *version) []string {
	var out []string
	for _, l := range labelNames {
		if m.labels[l] == v {
			out = append(out, l)
		}
	}
	return out
}

// put is what PutSecretValue must do, and the code of its refusal.
func (m *model) put(id, value string, labels []string) string {
	if m.marked {
		return "InvalidRequestException"
	}
	if v := m.find(id); v != nil {
		if v.value != value {
			return "ResourceExistsException"
		}
		return ""
	}
	v := &version{id, value}
	m.versions = append(m.versions, v)
	now := slices.Contains(labels, "AWSCURRENT") || m.labels["AWSCURRENT"] == nil
	for _, l := range labels {
		if l != "AWSCURRENT" {
			m.move(l, v)
		}
	}
	if now {
		m.move("AWSCURRENT", v)
	}
	for at := 0; len(m.versions) > 100 && at < len(m.versions); at++ {
		if len(m.stages(m.versions[at])) == 0 {
			m.versions = slices.Delete(m.versions, at, at+1)
		}
	}
	return ""
}

// stage is what UpdateSecretVersionStage must do.
func (m *model) stage(label, from, to string) string {
	holder := m.labels[label]
	switch {
	case m.marked:
		return "InvalidRequestException"
	case from == "" && to == "":
		return "InvalidParameterException"
	case from != "" && m.find(from) == nil, to != "" && m.find(to) == nil:
		return "ResourceNotFoundException"
	case from != "" && (holder == nil || holder.id != from):
		return "InvalidParameterException"
	case from == "" && holder != nil && holder.id != to:
		return "InvalidParameterException"
	case to == "" && label == "AWSCURRENT":
		return "InvalidParameterException"
	}
	m.move(label, m.find(to))
	return ""
}

// TestVersions puts versions and moves labels at random, and compares the secret with
// the model after each step.
func TestVersions(t *testing.T) {
	steps := 0
	w := optest.New(t, secrets.Service())
	rapid.Check(t, func(rt *rapid.T) {
		steps++
		m := &model{w: w, name: fmt.Sprint("s", steps), labels: map[string]*version{}}
		optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", &shape.CreateSecretRequest{Name: m.name, ClientRequestToken: new(token(0))})
		rt.Repeat(map[string]func(*rapid.T){
			"put":     m.drawPut,
			"stage":   m.drawStage,
			"read":    m.drawRead,
			"mark":    m.drawMark,
			"restore": m.drawRestore,
			"":        m.check,
		})
	})
}

func token(n int) string { return fmt.Sprintf("%032d", n) }

func drawToken(rt *rapid.T) string { return token(rapid.IntRange(1, 130).Draw(rt, "token")) }

func (m *model) do(rt *rapid.T, name string, in any, want string) any {
	m.w.Now = m.w.Now.Add(time.Second)
	out, _, err := m.w.Do(m.w.Root(), name, in)
	got := ""
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		got = e.Code
	} else if err != nil {
		rt.Fatal(err)
	}
	if got != want {
		rt.Fatalf("%s %+v: got %q, want %q (%v)", name, in, got, want, err)
	}
	return out
}

func (m *model) drawPut(rt *rapid.T) {
	id, value := drawToken(rt), rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "value")
	labels := rapid.SliceOfNDistinct(rapid.SampledFrom(labelNames), 1, 3, rapid.ID).Draw(rt, "labels")
	if rapid.Bool().Draw(rt, "default") {
		labels = []string{"AWSCURRENT"}
	}
	m.do(rt, "PutSecretValue", &shape.PutSecretValueRequest{SecretId: m.name, ClientRequestToken: &id, SecretString: &value, VersionStages: labels}, m.put(id, value, labels))
}

func (m *model) drawStage(rt *rapid.T) {
	in := &shape.UpdateSecretVersionStageRequest{SecretId: m.name, VersionStage: rapid.SampledFrom(labelNames).Draw(rt, "label")}
	from, to := "", ""
	if rapid.Bool().Draw(rt, "from") {
		from = drawToken(rt)
		if v := m.labels[in.VersionStage]; v != nil && rapid.Bool().Draw(rt, "right") {
			from = v.id
		}
		in.RemoveFromVersionId = &from
	}
	if rapid.Bool().Draw(rt, "to") {
		to = drawToken(rt)
		in.MoveToVersionId = &to
	}
	m.do(rt, "UpdateSecretVersionStage", in, m.stage(in.VersionStage, from, to))
}

func (m *model) drawRead(rt *rapid.T) {
	label := rapid.SampledFrom(labelNames).Draw(rt, "label")
	v, want := m.labels[label], ""
	switch {
	case m.marked:
		want = "InvalidRequestException"
	case v == nil:
		want = "ResourceNotFoundException"
	}
	out := m.do(rt, "GetSecretValue", &shape.GetSecretValueRequest{SecretId: m.name, VersionStage: &label}, want)
	if got, ok := out.(*shape.GetSecretValueResponse); ok && want == "" && (*got.SecretString != v.value || *got.VersionId != v.id) {
		rt.Fatalf("%s: got %+v, want %+v", label, got, v)
	}
}

func (m *model) drawMark(rt *rapid.T) {
	want := ""
	if m.marked {
		want = "InvalidRequestException"
	}
	m.do(rt, "DeleteSecret", &shape.DeleteSecretRequest{SecretId: m.name}, want)
	m.marked = true
}

func (m *model) drawRestore(rt *rapid.T) {
	m.do(rt, "RestoreSecret", &shape.RestoreSecretRequest{SecretId: m.name}, "")
	m.marked = false
}

func (m *model) check(rt *rapid.T) {
	out := m.do(rt, "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: m.name, IncludeDeprecated: new(true)}, "").(*shape.ListSecretVersionIdsResponse)
	if len(out.Versions) != len(m.versions) {
		rt.Fatalf("%d versions, want %d", len(out.Versions), len(m.versions))
	}
	for i, got := range out.Versions {
		want := m.versions[len(m.versions)-1-i]
		stages := slices.Sorted(slices.Values(got.VersionStages))
		if *got.VersionId != want.id || !slices.Equal(stages, slices.Sorted(slices.Values(m.stages(want)))) {
			rt.Fatalf("version %d: got %s %q, want %s %q", i, *got.VersionId, stages, want.id, m.stages(want))
		}
	}
}
