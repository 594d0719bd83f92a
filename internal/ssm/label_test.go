package ssm_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func TestLabels(t *testing.T) {
	w := newWorld(t)
	w.put("p", "1")
	w.put("p", "2")
	label := func(version int64, labels ...string) []string {
		return call[shape.LabelParameterVersionResult](w, "LabelParameterVersion",
			&shape.LabelParameterVersionRequest{Name: "p", ParameterVersion: &version, Labels: labels}).InvalidLabels
	}
	if got := label(1, "live", "1st", "AWS-x", "ssmx", "a b", "_.-9"); !reflect.DeepEqual(got, []string{"1st", "AWS-x", "ssmx", "a b"}) {
		t.Errorf("invalid labels %q", got)
	}
	if p := w.get("p:live"); *p.Value != "1" || *p.Selector != ":live" {
		t.Errorf("p:live is %+v", p)
	}
	label(2, "live")
	if got := w.value("p:live"); got != "2" {
		t.Errorf("a label that was moved is on %s", got)
	}
	out := call[shape.LabelParameterVersionResult](w, "LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "p", Labels: []string{"new"}})
	if *out.ParameterVersion != 2 || len(out.InvalidLabels) != 0 {
		t.Errorf("without a version: %+v", out)
	}
	label(2, "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10")
	w.refuses("LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "p", Labels: []string{"l11"}}, "ParameterVersionLabelLimitExceeded",
		"A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.")
	w.refuses("LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "p", ParameterVersion: new(int64(3)), Labels: []string{"x"}}, "ParameterVersionNotFound",
		"Systems Manager could not find version 3 of p. Verify the version and try again.")
	w.refuses("LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "q", Labels: []string{"x"}}, "ParameterNotFound", "")

	off := call[shape.UnlabelParameterVersionResult](w, "UnlabelParameterVersion",
		&shape.UnlabelParameterVersionRequest{Name: "p", ParameterVersion: 2, Labels: []string{"live", "_.-9", "none"}})
	if fmt.Sprint(off.RemovedLabels, off.InvalidLabels) != "[live] [_.-9 none]" {
		t.Errorf("UnlabelParameterVersion replied %+v", off)
	}
	w.refuses("UnlabelParameterVersion", &shape.UnlabelParameterVersionRequest{Name: "p", ParameterVersion: 9, Labels: []string{"x"}}, "ParameterVersionNotFound",
		"Systems Manager could not find version 9 of p. Verify the version and try again.")
	w.refuses("UnlabelParameterVersion", &shape.UnlabelParameterVersionRequest{Name: "q", ParameterVersion: 1, Labels: []string{"x"}}, "ParameterNotFound", "")
}

// The oldest of a hundred versions makes room for another, unless it has a label.
func TestHundredVersions(t *testing.T) {
	w := newWorld(t)
	for i := range 101 {
		w.put("p", fmt.Sprint(i+1))
	}
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "p:1"}, "ParameterVersionNotFound", "Systems Manager could not find version 1 of p. Verify the version and try again.")
	if got := w.value("p:2"); got != "2" {
		t.Errorf("version 2 is %s", got)
	}
	call[shape.LabelParameterVersionResult](w, "LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "p", ParameterVersion: new(int64(2)), Labels: []string{"old"}})
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "p", Value: "v", Overwrite: new(true)}, "ParameterMaxVersionLimitExceeded",
		"You attempted to create a new version of p by calling the PutParameter API with the overwrite flag. Version 2, the oldest version, "+
			"can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.")
}

// model is what a parameter has to be, as plainly as can be said.
type model struct {
	next     int64
	values   map[int64]string
	labelled map[string]int64
}

// Versions and labels are as in a plain model, whatever is done to them.
func TestVersionsAndLabelsAgainstModel(t *testing.T) {
	w := newWorld(t)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		name := fmt.Sprintf("/run/p%d", run)
		m := &model{next: 1, values: map[int64]string{}, labelled: map[string]int64{}}
		version := rapid.Int64Range(0, 6)
		labels := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "9x"}), 1, 3, rapid.ID[string])
		do := func(op string, in any) (any, string) {
			out, _, err := w.Do(w.Root(), op, in)
			return out, code(err)
		}
		same := func(what string, got, want any) {
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: got %v, want %v", what, got, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				value := rapid.StringN(1, 3, -1).Draw(t, "value")
				_, failed := do("PutParameter", &shape.PutParameterRequest{Name: name, Value: value, Type: new("SecureString"), Overwrite: new(true)})
				same("put", failed, "")
				m.values[m.next] = value
				m.next++
			},
			"delete": func(*rapid.T) {
				_, failed := do("DeleteParameter", &shape.DeleteParameterRequest{Name: name})
				same("delete", failed == "", m.next > 1)
				*m = model{next: 1, values: map[int64]string{}, labelled: map[string]int64{}}
			},
			"label": func(t *rapid.T) {
				n, list := version.Draw(t, "version"), labels.Draw(t, "labels")
				out, failed := do("LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: name, ParameterVersion: &n, Labels: list})
				same("label", failed, m.missing(n))
				if failed == "" {
					same("invalid labels", len(out.(*shape.LabelParameterVersionResult).InvalidLabels) > 0, slices.Contains(list, "9x"))
					for _, l := range list {
						if l != "9x" {
							m.labelled[l] = n
						}
					}
				}
			},
			"unlabel": func(t *rapid.T) {
				n, list := version.Draw(t, "version"), labels.Draw(t, "labels")
				out, failed := do("UnlabelParameterVersion", &shape.UnlabelParameterVersionRequest{Name: name, ParameterVersion: n, Labels: list})
				same("unlabel", failed, m.missing(n))
				if failed == "" {
					removed := []string{}
					for _, l := range list {
						if m.labelled[l] == n {
							removed = append(removed, l)
							delete(m.labelled, l)
						}
					}
					same("removed labels", out.(*shape.UnlabelParameterVersionResult).RemovedLabels, removed)
				}
			},
			"": func(*rapid.T) {
				out, failed := do("GetParameterHistory", &shape.GetParameterHistoryRequest{Name: name, WithDecryption: new(true)})
				if m.next == 1 {
					same("history", failed, "ParameterNotFound")
					return
				}
				values, found := map[int64]string{}, map[string]int64{}
				for _, v := range out.(*shape.GetParameterHistoryResult).Parameters {
					values[*v.Version] = *v.Value
					for _, l := range v.Labels {
						found[l] = *v.Version
					}
				}
				same("values", values, m.values)
				same("labels", found, maps.Clone(m.labelled))
			},
		})
	})
}

// missing is the error that an operation on version n must have.
func (m *model) missing(n int64) string {
	switch {
	case m.next == 1:
		return "ParameterNotFound"
	case n < 1 || n >= m.next:
		return "ParameterVersionNotFound"
	}
	return ""
}
