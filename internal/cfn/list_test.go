package cfn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

const (
	exporter = `{"Description":"a user","Resources":{"Ann":{"Type":"AWS::IAM::User","Metadata":{"b":1,"a":"x"},"Properties":{"UserName":"ann"}}},
		"Outputs":{"Name":{"Value":{"Ref":"Ann"},"Export":{"Name":"the-name"}}}}`
	importer = `{"Resources":{"P":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/p","Type":"String","Value":{"Fn::ImportValue":"the-name"}}}}}`
)

func TestResources(t *testing.T) {
	w := newWorld(t)
	id := w.create("s", exporter)
	one := must[shape.DescribeStackResourceOutput](w, &shape.DescribeStackResourceInput{StackName: id, LogicalResourceId: "Ann"}).StackResourceDetail
	if *one.PhysicalResourceId != "ann" || *one.StackId != id || *one.StackName != "s" || one.ResourceType != "AWS::IAM::User" || one.ResourceStatus != "CREATE_COMPLETE" ||
		one.ResourceStatusReason != nil || *one.Metadata != `{"b":1,"a":"x"}` || one.DriftInformation.StackResourceDriftStatus != "NOT_CHECKED" {
		t.Errorf("got %+v", one)
	}
	found := must[shape.DescribeStackResourcesOutput](w, &shape.DescribeStackResourcesInput{PhysicalResourceId: new("ann")}).StackResources
	if len(found) != 1 || *found[0].StackId != id || found[0].LogicalResourceId != "Ann" {
		t.Errorf("got %+v", found)
	}
	w.invalid(&shape.DescribeStackResourceInput{StackName: "t", LogicalResourceId: "Ann"}, "Stack 't' does not exist")
	w.invalid(&shape.DescribeStackResourceInput{StackName: id, LogicalResourceId: "Bob"}, "Resource Bob does not exist for stack "+id)
	w.invalid(&shape.DescribeStackResourcesInput{StackName: new("t")}, "Stack with id t does not exist")
	w.invalid(&shape.DescribeStackResourcesInput{PhysicalResourceId: new("bob")}, "Stack for bob does not exist")
	w.invalid(&shape.DescribeStackResourcesInput{StackName: new("s"), PhysicalResourceId: new("ann")}, "Cannot specify both StackName and PhysicalResourceId")
	w.invalid(&shape.DescribeStackResourcesInput{StackName: new("s"), LogicalResourceId: new("Bob")}, "Resource Bob does not exist for stack s")
	w.invalid(&shape.DescribeStackResourcesInput{}, "Either StackName or PhysicalResourceId must be specified.")
	w.invalid(&shape.ListStackResourcesInput{StackName: "t"}, "Stack with id t does not exist")
	w.invalid(&shape.ListStackResourcesInput{StackName: "s", NextToken: new("!")}, "The specified NextToken is invalid.")

	must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
	w.invalid(&shape.ListStackResourcesInput{StackName: "s"}, "Stack with id s does not exist")
	w.invalid(&shape.DescribeStackResourcesInput{PhysicalResourceId: new("ann")}, "Stack for ann does not exist")
	gone := must[shape.ListStackResourcesOutput](w, &shape.ListStackResourcesInput{StackName: id}).StackResourceSummaries
	if len(gone) != 1 || gone[0].ResourceStatus != "DELETE_COMPLETE" || *gone[0].PhysicalResourceId != "ann" {
		t.Errorf("got %+v", gone)
	}
}

// A long stack is listed in pages, and described as far as it is.
func TestManyResources(t *testing.T) {
	w := newWorld(t)
	var parts []string
	for i := range 150 {
		parts = append(parts, fmt.Sprintf(`"H%03d":{"Type":"AWS::CDK::Metadata","Properties":{"Analytics":"%d"}}`, i, i))
	}
	w.create("s", `{"Resources":{`+strings.Join(parts, ",")+`}}`)
	var names []string
	in := &shape.ListStackResourcesInput{StackName: "s"}
	for {
		out := must[shape.ListStackResourcesOutput](w, in)
		for _, res := range out.StackResourceSummaries {
			names = append(names, res.LogicalResourceId)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if len(names) != 150 || !slices.IsSorted(names) {
		t.Errorf("listed %d: %q", len(names), names)
	}
	if n := len(must[shape.DescribeStackResourcesOutput](w, &shape.DescribeStackResourcesInput{StackName: new("s")}).StackResources); n != 100 {
		t.Errorf("described %d, want 100", n)
	}
}

func TestExports(t *testing.T) {
	w := newWorld(t)
	id := w.create("s", exporter)
	w.invalid(&shape.ListImportsInput{ExportName: "the-name"}, "Export 'the-name' is not imported by any stack.")
	w.invalid(&shape.ListImportsInput{ExportName: "a-name"}, "Export 'a-name' does not exist.")
	w.create("u", importer)
	if got := must[shape.ListImportsOutput](w, &shape.ListImportsInput{ExportName: "the-name"}).Imports; !slices.Equal(got, []string{"u"}) {
		t.Errorf("imported by %q", got)
	}
	all := must[shape.ListExportsOutput](w, &shape.ListExportsInput{}).Exports
	if len(all) != 1 || *all[0].Name != "the-name" || *all[0].Value != "ann" || *all[0].ExportingStackId != id {
		t.Errorf("got %+v", all)
	}
	must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
	w.is("s", "DELETE_FAILED") // it is in use
	must[op.None](w, &shape.DeleteStackInput{StackName: "u"})
	w.invalid(&shape.ListImportsInput{ExportName: "the-name"}, "Export 'the-name' is not imported by any stack.")
	w.invalid(&shape.ListExportsInput{NextToken: new("!")}, "The specified NextToken is invalid.")
	w.invalid(&shape.ListImportsInput{ExportName: "the-name", NextToken: new("!")}, "The specified NextToken is invalid.")
}

func TestListStacks(t *testing.T) {
	w := newWorld(t)
	first := w.create("s", exporter)
	must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
	w.Now = w.Now.Add(time.Second)
	second := w.create("s", exporter)
	for _, c := range []struct{ filter, want []string }{
		{nil, []string{second, first}},
		{[]string{"DELETE_COMPLETE"}, []string{first}},
		{[]string{"CREATE_COMPLETE", "UPDATE_COMPLETE"}, []string{second}},
		{[]string{"ROLLBACK_COMPLETE"}, nil},
	} {
		var got []string
		for _, s := range must[shape.ListStacksOutput](w, &shape.ListStacksInput{StackStatusFilter: c.filter}).StackSummaries {
			got = append(got, *s.StackId)
			if *s.TemplateDescription != "a user" || (s.DeletionTime != nil) != (*s.StackId == first) {
				t.Errorf("got %+v", s)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("with %q: %q, want %q", c.filter, got, c.want)
		}
	}
}

func TestTerminationProtection(t *testing.T) {
	w := newWorld(t)
	id := w.create("s", exporter)
	must[shape.UpdateTerminationProtectionOutput](w, &shape.UpdateTerminationProtectionInput{StackName: "s", EnableTerminationProtection: true})
	w.invalid(&shape.DeleteStackInput{StackName: "s"}, "Stack [s] cannot be deleted while TerminationProtection is enabled")
	must[shape.UpdateTerminationProtectionOutput](w, &shape.UpdateTerminationProtectionInput{StackName: id})
	must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
	w.invalid(&shape.UpdateTerminationProtectionInput{StackName: "s"}, "Stack [s] does not exist")
	w.invalid(&shape.UpdateTerminationProtectionInput{StackName: id}, "Stack:"+id+" is in DELETE_COMPLETE state and can not be updated.")
}

func TestOperationEvents(t *testing.T) {
	w := newWorld(t)
	body := exporter
	made := must[shape.CreateStackOutput](w, &shape.CreateStackInput{StackName: "s", TemplateBody: &body, Capabilities: capabilities})
	taken := `{"Resources":{"Ann":{"Type":"AWS::IAM::User","Properties":{"UserName":"ann"}},"Bob":{"Type":"AWS::IAM::User","Properties":{"UserName":"ann"}}}}`
	updated := must[shape.UpdateStackOutput](w, &shape.UpdateStackInput{StackName: "s", TemplateBody: &taken, Capabilities: capabilities})
	lines := func(in *shape.DescribeEventsInput) []string {
		t.Helper()
		var list []string
		for _, e := range must[shape.DescribeEventsOutput](w, in).OperationEvents {
			list = append(list, strings.TrimRight(strings.Join([]string{*e.EventType, *e.OperationType, *e.ResourceStatus, deref(e.OperationStatus)}, " "), " "))
		}
		return list
	}
	if got, want := lines(&shape.DescribeEventsInput{OperationId: made.OperationId}), []string{
		"STACK_EVENT CREATE_STACK CREATE_COMPLETE SUCCEEDED",
		"PROGRESS_EVENT CREATE_STACK CREATE_COMPLETE",
		"PROGRESS_EVENT CREATE_STACK CREATE_IN_PROGRESS",
		"PROGRESS_EVENT CREATE_STACK CREATE_IN_PROGRESS",
		"STACK_EVENT CREATE_STACK CREATE_IN_PROGRESS IN_PROGRESS",
	}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	failures := &shape.DescribeEventsInput{StackName: new("s"), Filters: &shape.EventFilter{FailedEvents: new(true)}}
	if got, want := lines(failures), []string{"PROVISIONING_ERROR UPDATE_STACK CREATE_FAILED"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := lines(&shape.DescribeEventsInput{OperationId: updated.OperationId, StackName: updated.StackId})[0], "STACK_EVENT UPDATE_STACK UPDATE_ROLLBACK_COMPLETE FAILED"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.invalid(&shape.DescribeEventsInput{}, "One of ChangeSetName, OperationId or StackName must be specified.")
	w.invalid(&shape.DescribeEventsInput{StackName: new("t")}, "Stack [t] does not exist")
	w.invalid(&shape.DescribeEventsInput{OperationId: new("none")}, "Operation [none] does not exist")
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestChangeSetsAndHooks(t *testing.T) {
	w := newWorld(t)
	w.create("s", exporter)
	body := exporter
	must[shape.CreateChangeSetOutput](w, &shape.CreateChangeSetInput{StackName: "s", ChangeSetName: "same", TemplateBody: &body, Capabilities: capabilities})
	more := strings.Replace(body, `"UserName":"ann"`, `"UserName":"eve"`, 1)
	set := must[shape.CreateChangeSetOutput](w, &shape.CreateChangeSetInput{StackName: "s", ChangeSetName: "more", Description: new("d"), TemplateBody: &more, Capabilities: capabilities})
	all := must[shape.ListChangeSetsOutput](w, &shape.ListChangeSetsInput{StackName: "s"}).Summaries
	slices.SortFunc(all, func(a, b shape.ChangeSetSummary) int { return strings.Compare(*a.ChangeSetName, *b.ChangeSetName) })
	if len(all) != 2 || *all[0].ChangeSetId != *set.Id || *all[0].Status != "CREATE_COMPLETE" || *all[0].ExecutionStatus != "AVAILABLE" || *all[0].Description != "d" ||
		*all[1].Status != "FAILED" || *all[1].ExecutionStatus != "UNAVAILABLE" || !strings.HasPrefix(*all[1].StatusReason, "The submitted information didn't contain changes.") {
		t.Errorf("got %+v", all)
	}
	hooks := must[shape.DescribeChangeSetHooksOutput](w, &shape.DescribeChangeSetHooksInput{ChangeSetName: *set.Id})
	if *hooks.Status != "PLANNED" || len(hooks.Hooks) != 0 || *hooks.StackName != "s" {
		t.Errorf("got %+v", hooks)
	}
	events := must[shape.DescribeEventsOutput](w, &shape.DescribeEventsInput{StackName: new("s"), ChangeSetName: new("same")}).OperationEvents
	if len(events) != 1 || *events[0].OperationType != "CREATE_CHANGESET" || *events[0].OperationStatus != "FAILED" {
		t.Errorf("got %+v", events)
	}
	w.Refused(w.Root(), "ListHookResults", &shape.ListHookResultsInput{TargetType: new("CHANGE_SET"), TargetId: set.Id}, 404, "HookResultNotFound",
		"The specified target doesn't have any requested Hook invocations.")
	w.Refused(w.Root(), "DescribeChangeSetHooks", &shape.DescribeChangeSetHooksInput{StackName: new("s"), ChangeSetName: "no"}, 404, "ChangeSetNotFound", "ChangeSet [no] does not exist")
	w.invalid(&shape.ListChangeSetsInput{StackName: "t"}, "Stack [t] does not exist")
}
