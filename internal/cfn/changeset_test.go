package cfn_test

import (
	"strings"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

const (
	group = `{"Resources":{"G":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"one"}}}}`
	other = `{"Resources":{"G":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"two"}}}}`
	third = `{"Resources":{"G":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"three"}}}}`
)

func TestChangeSetOfNewStack(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("s", "first", group, shape.CreateChangeSetInput{ChangeSetType: new("CREATE"), Description: new("d"), ClientToken: new("token")})
	if *set.Status != "CREATE_COMPLETE" || *set.ExecutionStatus != "AVAILABLE" || *set.Description != "d" || len(set.Changes) != 1 {
		t.Errorf("%+v", set)
	}
	w.is("s", "REVIEW_IN_PROGRESS")
	again := must[shape.CreateChangeSetOutput](w, &shape.CreateChangeSetInput{
		StackName: "s", ChangeSetName: "first", ClientToken: new("token"), TemplateBody: new(group), ChangeSetType: new("CREATE"), Capabilities: capabilities,
	})
	if *again.Id != *set.ChangeSetId {
		t.Errorf("the same token makes %s beside %s", *again.Id, *set.ChangeSetId)
	}
	w.refused(&shape.CreateChangeSetInput{StackName: "s", ChangeSetName: "first", TemplateBody: new(group), ChangeSetType: new("CREATE"), Capabilities: capabilities},
		"AlreadyExistsException", "ChangeSet first cannot be created due to a mismatch with existing attribute(s)")
	w.refused(&shape.CreateChangeSetInput{StackName: "s", ChangeSetName: "update", TemplateBody: new(group), Capabilities: capabilities},
		"ValidationError", "Stack [s] does not exist")

	must[shape.DeleteChangeSetOutput](w, &shape.DeleteChangeSetInput{StackName: new("s"), ChangeSetName: "first"})
	w.is("s", "REVIEW_IN_PROGRESS")
	w.refused(&shape.DescribeChangeSetInput{StackName: new("s"), ChangeSetName: "first"}, "ChangeSetNotFound", "ChangeSet [first] does not exist")
	must[shape.DeleteChangeSetOutput](w, &shape.DeleteChangeSetInput{StackName: new("s"), ChangeSetName: "first"})

	w.changeSet("s", "first", group, shape.CreateChangeSetInput{ChangeSetType: new("CREATE")})
	w.execute("s", "first")
	w.is("s", "CREATE_COMPLETE")
	w.refused(&shape.CreateChangeSetInput{StackName: "s", ChangeSetName: "again", TemplateBody: new(group), ChangeSetType: new("CREATE"), Capabilities: capabilities},
		"ValidationError", "Stack [s] already exists and cannot be created again with the changeSet [again].")
}

// A stack that nobody has executed a change set of goes with all of them.
func TestDeleteReviewedStack(t *testing.T) {
	w := newWorld(t)
	arn := *w.changeSet("s", "first", group, shape.CreateChangeSetInput{ChangeSetType: new("CREATE")}).StackId
	w.changeSet("s", "second", other, shape.CreateChangeSetInput{ChangeSetType: new("CREATE")})
	if _, err := w.Call(t.Context(), nil, "", "", &shape.DeleteStackInput{StackName: "s"}); err != nil {
		t.Fatal(err)
	}
	w.is(arn, "DELETE_COMPLETE")
	w.refused(&shape.DescribeChangeSetInput{StackName: &arn, ChangeSetName: "first"}, "ChangeSetNotFound", "ChangeSet [first] does not exist")
}

func TestChangeSetsOfStack(t *testing.T) {
	w := newWorld(t)
	w.create("s", group)
	same := w.changeSet("s", "same", group, shape.CreateChangeSetInput{})
	if *same.Status != "FAILED" || *same.ExecutionStatus != "UNAVAILABLE" || len(same.Changes) != 0 ||
		*same.StatusReason != "The submitted information didn't contain changes. Submit different information to create a change set." {
		t.Errorf("%+v", same)
	}
	w.refused(&shape.ExecuteChangeSetInput{ChangeSetName: *same.ChangeSetId}, "InvalidChangeSetStatus",
		"ChangeSet ["+*same.ChangeSetId+"] cannot be executed in its current status of [FAILED]")

	old := w.changeSet("s", "old", other, shape.CreateChangeSetInput{})
	must[shape.UpdateStackOutput](w, &shape.UpdateStackInput{StackName: "s", TemplateBody: new(third), Capabilities: capabilities})
	w.is("s", "UPDATE_COMPLETE")
	if now := w.describeSet("s", "old"); *now.ExecutionStatus != "OBSOLETE" {
		t.Errorf("after another update the change set is %s", *now.ExecutionStatus)
	}
	w.refused(&shape.ExecuteChangeSetInput{ChangeSetName: *old.ChangeSetId}, "InvalidChangeSetStatus",
		"ChangeSet ["+*old.ChangeSetId+"] cannot be executed in its current execution status of [OBSOLETE]")

	w.changeSet("s", "new", other, shape.CreateChangeSetInput{})
	execution := &shape.ExecuteChangeSetInput{StackName: new("s"), ChangeSetName: "new", ClientRequestToken: new("once")}
	must[shape.ExecuteChangeSetOutput](w, execution)
	w.is("s", "UPDATE_COMPLETE")
	for _, name := range []string{"same", "old", "new"} {
		w.refused(&shape.DescribeChangeSetInput{StackName: new("s"), ChangeSetName: name}, "ChangeSetNotFound", "ChangeSet ["+name+"] does not exist")
	}
	count := len(w.events("s"))
	must[shape.ExecuteChangeSetOutput](w, execution) // the same request again
	if again := len(w.events("s")); again != count {
		t.Errorf("a request made again makes %d events", again-count)
	}
	w.changeSet("s", "new", group, shape.CreateChangeSetInput{}) // its name is free
}

// What a template says of what becomes of its resources takes effect though nothing is
// done to them.
func TestPolicyAlone(t *testing.T) {
	w := newWorld(t)
	w.create("s", group)
	kept := strings.Replace(group, `"Properties"`, `"DeletionPolicy":"Retain","Properties"`, 1)
	set := w.changeSet("s", "kept", kept, shape.CreateChangeSetInput{})
	if len(set.Changes) != 1 || set.Changes[0].ResourceChange.Scope[0] != "DeletionPolicy" {
		t.Errorf("%+v", set)
	}
	before := len(w.events("s"))
	must[shape.UpdateStackOutput](w, &shape.UpdateStackInput{StackName: "s", TemplateBody: &kept, Capabilities: capabilities})
	sameLines(t, w.events("s")[before:], []string{"s UPDATE_IN_PROGRESS User Initiated", "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "s UPDATE_COMPLETE"})
	w.refused(&shape.UpdateStackInput{StackName: "s", TemplateBody: &kept, Capabilities: capabilities}, "ValidationError", "No updates are to be performed.")
}

func TestChangeSetRefusals(t *testing.T) {
	w := newWorld(t)
	w.create("s", group)
	for _, c := range []struct {
		in            shape.CreateChangeSetInput
		code, message string
	}{
		{shape.CreateChangeSetInput{DeploymentMode: new("REVERT_DRIFT")}, "NotImplemented", "iamd does not make change sets that are aware of drift (DeploymentMode REVERT_DRIFT)."},
		{shape.CreateChangeSetInput{OnStackFailure: new("DELETE")}, "ValidationError", "OnStackFailure DELETE can only be specified for a change set of type CREATE"},
		{shape.CreateChangeSetInput{ResourcesToImport: []shape.ResourceToImport{{LogicalResourceId: "G", ResourceType: "AWS::IAM::Group", ResourceIdentifier: map[string]string{"GroupName": "x"}}}},
			"ValidationError", "ResourcesToImport can only be specified for a change set of type IMPORT"},
	} {
		c.in.StackName, c.in.ChangeSetName, c.in.TemplateBody, c.in.Capabilities = "s", "bad", new(other), capabilities
		w.refused(&c.in, c.code, c.message)
	}
	w.changeSet("s", "kept", other, shape.CreateChangeSetInput{OnStackFailure: new("ROLLBACK")})
	w.refused(&shape.ExecuteChangeSetInput{StackName: new("s"), ChangeSetName: "kept", DisableRollback: new(true)},
		"ValidationError", "DisableRollback can't be specified for a change set that was created with OnStackFailure")
}
