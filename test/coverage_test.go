package test

import (
	"slices"
	"sync"
	"testing"

	parts "github.com/iamd-project/iamd/internal/server"
	"github.com/iamd-project/iamd/internal/shapes"
)

// modelled is one operation of the model, and whether iamd has it.
type modelled struct {
	shapes.Operation
	built bool
}

// toldServices are those whose every operation has a story.
var toldServices = []string{"iam", "sts", "secretsmanager", "ssm", "cloudtrail", "cloudformation"}

// operations are those of toldServices.
var operations = sync.OnceValue(func() map[operation]modelled {
	all := map[operation]modelled{}
	for _, s := range parts.Services() {
		if !slices.Contains(toldServices, s.Shape.ID) {
			continue
		}
		missing := unbuilt(s)
		for _, o := range s.Shape.Operations {
			all[operation{s.Shape.ID, o.Name}] = modelled{o, !slices.Contains(missing, o.Name)}
		}
	}
	return all
})

func isBuilt(o operation) bool { return operations()[o].built }

// documentedErrors is the codes and statuses of an operation's errors.
func documentedErrors(o operation) map[string]int {
	errs := map[string]int{}
	for _, e := range operations()[o].Errors {
		errs[e.Code] = e.Status
	}
	return errs
}

// ending is a way for an operation to end: an error's code, or "" for success.
type ending struct {
	operation
	code string
}

func (e ending) String() string {
	if e.code == "" {
		return e.service + ":" + e.name + " succeeds"
	}
	return e.service + ":" + e.name + " fails with " + e.code
}

// Every operation of the model that is built ends in every way that its model
// documents, in some story; or unreachable says why it does not.
func TestEveryOperationHasAStory(t *testing.T) {
	t.Parallel()
	told := map[ending]bool{}
	for _, st := range slices.Concat(stories(), tightStories()) {
		for _, s := range st.steps {
			for _, in := range s.in {
				told[ending{operationOf(in), s.want}] = true
			}
		}
	}
	if want := 176 + 11 + 23 + 13 + 1 + 90; len(operations()) != want {
		t.Errorf("the models have %d operations, want %d", len(operations()), want)
	}
	excused := map[ending]bool{}
	for o, m := range operations() {
		if !m.built {
			t.Logf("NOT TESTED, because it is not built: %s:%s", o.service, o.name)
			continue
		}
		codes := []string{""}
		for _, e := range m.Errors {
			codes = append(codes, e.Code)
		}
		for _, code := range codes {
			end := ending{o, code}
			_, isExcused := excuseFor(end)
			excused[end] = isExcused
			if told[end] == isExcused {
				t.Errorf("%s: in a story %v, in unreachable %v", end, told[end], isExcused)
			}
		}
	}
	for _, x := range unreachable {
		for _, name := range x.operations {
			if end := (ending{named(name), x.code}); !excused[end] && isBuilt(end.operation) {
				t.Errorf("%s, which unreachable has, is not in the model", end)
			}
		}
	}
}

// named is the operation of that name; no two services have one.
func named(name string) operation {
	for _, service := range toldServices {
		if o := (operation{service, name}); operations()[o].Name != "" {
			return o
		}
	}
	return operation{name: name}
}
