package cfn_test

import (
	"strings"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const (
	first    = `"G":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"mine"}}`
	imported = `"U":{"Type":"AWS::IAM::User","DeletionPolicy":"Retain","Properties":{"UserName":"ann"}}`
)

func resources(list ...string) string { return `{"Resources":{` + strings.Join(list, ",") + `}}` }

func toImport(logical, typ string, identifier ...string) shape.ResourceToImport {
	in := shape.ResourceToImport{LogicalResourceId: logical, ResourceType: typ, ResourceIdentifier: map[string]string{}}
	for i := 0; i < len(identifier); i += 2 {
		in.ResourceIdentifier[identifier[i]] = identifier[i+1]
	}
	return in
}

func (w *world) user(name string) {
	w.t.Helper()
	must[iamshape.CreateUserResponse](w, &iamshape.CreateUserRequest{UserName: name})
}

func TestImport(t *testing.T) {
	ann := toImport("U", "AWS::IAM::User", "UserName", "ann")
	for _, c := range []struct {
		name     string
		existing bool // the stack, with a group
		template string
		events   []string
	}{
		{"into a stack", true, resources(first, imported), []string{
			"s IMPORT_IN_PROGRESS User Initiated",
			"U IMPORT_IN_PROGRESS Resource import started.",
			"U IMPORT_COMPLETE Resource import completed.",
			"U UPDATE_IN_PROGRESS Apply stack-level tags to imported resource if applicable.",
			"U UPDATE_COMPLETE",
			"s IMPORT_COMPLETE",
		}},
		{"into a new stack", false, resources(imported), []string{
			"s REVIEW_IN_PROGRESS User Initiated",
			"s IMPORT_IN_PROGRESS User Initiated",
			"U IMPORT_IN_PROGRESS Resource import started.",
			"U IMPORT_COMPLETE Resource import completed.",
			"U UPDATE_IN_PROGRESS Apply stack-level tags to imported resource if applicable.",
			"U UPDATE_COMPLETE",
			"s IMPORT_COMPLETE",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.user("ann")
			before := 0
			if c.existing {
				w.create("s", resources(first))
				before = len(w.events("s"))
			}
			set := w.changeSet("s", "import", c.template, shape.CreateChangeSetInput{ChangeSetType: new("IMPORT"), ResourcesToImport: []shape.ResourceToImport{ann}})
			if *set.Status != "CREATE_COMPLETE" || *set.ExecutionStatus != "AVAILABLE" || len(set.Changes) != 1 {
				t.Fatalf("%+v", set)
			}
			r := set.Changes[0].ResourceChange
			if *r.Action != "Import" || *r.PhysicalResourceId != "ann" || r.Replacement != nil || r.PolicyAction != nil || len(r.Scope)+len(r.Details) != 0 {
				t.Errorf("%+v", r)
			}
			w.execute("s", "import")
			sameLines(t, w.events("s")[before:], c.events)
			if now := w.stack("s"); now.StackStatus != "IMPORT_COMPLETE" {
				t.Errorf("the stack is %s", now.StackStatus)
			}
			w.refused(&shape.UpdateStackInput{StackName: "s", TemplateBody: &c.template, Capabilities: capabilities}, "ValidationError", "No updates are to be performed.")

			owned := w.changeSet("t", "import", resources(imported), shape.CreateChangeSetInput{ChangeSetType: new("IMPORT"), ResourcesToImport: []shape.ResourceToImport{ann}})
			if want := "ann already exists in stack " + *w.stack("s").StackId; *owned.Status != "FAILED" || *owned.StatusReason != want {
				t.Errorf("what is in a stack: %s %s, want %s", *owned.Status, *owned.StatusReason, want)
			}
		})
	}
}

func TestImportFails(t *testing.T) {
	w := newWorld(t)
	w.create("s", resources(first))
	ann := []shape.ResourceToImport{toImport("U", "AWS::IAM::User", "UserName", "ann")}
	missing := w.changeSet("s", "missing", resources(first, imported), shape.CreateChangeSetInput{ChangeSetType: new("IMPORT"), ResourcesToImport: ann})
	if *missing.Status != "FAILED" || *missing.StatusReason != "Resource of type 'AWS::IAM::User' with identifier 'ann' was not found." || len(missing.Changes) != 0 {
		t.Errorf("%+v", missing)
	}

	w.user("ann")
	w.user("bea")
	both := resources(first, imported, strings.NewReplacer(`"U"`, `"V"`, "ann", "bea").Replace(imported))
	w.changeSet("s", "late", both, shape.CreateChangeSetInput{ChangeSetType: new("IMPORT"), ResourcesToImport: append(ann, toImport("V", "AWS::IAM::User", "UserName", "bea"))})
	if _, err := w.Call(t.Context(), nil, "", "", &iamshape.DeleteUserRequest{UserName: "bea"}); err != nil {
		t.Fatal(err)
	}
	w.execute("s", "late")
	w.is("s", "IMPORT_ROLLBACK_COMPLETE")
	must[iamshape.GetUserResponse](w, &iamshape.GetUserRequest{UserName: new("ann")}) // it is let go, not deleted
	w.refused(&shape.UpdateStackInput{StackName: "s", TemplateBody: new(resources(first)), Capabilities: capabilities}, "ValidationError", "No updates are to be performed.")
	set := w.changeSet("s", "again", resources(first, imported), shape.CreateChangeSetInput{ChangeSetType: new("IMPORT"), ResourcesToImport: ann})
	if *set.Status != "CREATE_COMPLETE" {
		t.Errorf("%s", *set.StatusReason)
	}
}

func TestImportRefusals(t *testing.T) {
	w := newWorld(t)
	w.user("ann")
	w.create("s", resources(first))
	ann := toImport("U", "AWS::IAM::User", "UserName", "ann")
	bare := strings.Replace(imported, `"DeletionPolicy":"Retain",`, "", 1)
	for _, c := range []struct {
		name, template string
		list           []shape.ResourceToImport
		message        string
	}{
		{"nothing listed", resources(first, imported), nil, "Must Provide at least one resource to import"},
		{"twice", resources(first, imported), []shape.ResourceToImport{ann, ann}, "Every resource to import must have unique LogicalResourceId"},
		{"not in the template", resources(first, imported), []shape.ResourceToImport{toImport("X", "AWS::IAM::User", "UserName", "ann")},
			"The logical resource ids [X] provided in ResourceToImport do not exist in the template."},
		{"another identifier", resources(first, imported), []shape.ResourceToImport{toImport("U", "AWS::IAM::User", "Name", "ann")},
			"Invalid resource identifier for resource type AWS::IAM::User. Expected [UserName]"},
		{"another type", resources(first, imported), []shape.ResourceToImport{toImport("U", "AWS::IAM::Role", "RoleName", "ann")},
			"Resource type of [U] passed in ResourceToImport does not match with resource type defined in the template. Resource type in ResourceToImport: AWS::IAM::Role; Resource type in Template: AWS::IAM::User."},
		{"a type that has no import", resources(first, imported), []shape.ResourceToImport{toImport("U", "AWS::IAM::AccessKey", "Id", "AKIA")},
			"The following resource types are not supported for resource import: AWS::IAM::AccessKey"},
		{"nothing new", resources(first), []shape.ResourceToImport{toImport("G", "AWS::IAM::Group", "GroupName", "mine")},
			"The template should contain at least one new resource to import."},
		{"one that is there", resources(first, imported), []shape.ResourceToImport{toImport("G", "AWS::IAM::Group", "GroupName", "mine")},
			"Resources [G] passed in ResourceToImport are already in a stack and cannot be imported."},
		{"another new one", resources(first, imported, `"N":{"Type":"AWS::IAM::Group"}`), []shape.ResourceToImport{ann}, "Resources [N] is missing from ResourceToImport list"},
		{"another change", resources(strings.Replace(first, "mine", "yours", 1), imported), []shape.ResourceToImport{ann},
			"You have modified resources [G] in your template that are not being imported. Update, create or delete operations cannot be executed during import operations."},
		{"a removal", resources(imported), []shape.ResourceToImport{ann},
			"You have modified resources [G] in your template that are not being imported. Update, create or delete operations cannot be executed during import operations."},
		{"no policy", resources(first, bare), []shape.ResourceToImport{ann},
			"The following resources to import [U] must have DeletionPolicy attribute specified in the template."},
		{"outputs", `{"Resources":{` + first + "," + imported + `},"Outputs":{"O":{"Value":"v"}}}`, []shape.ResourceToImport{ann},
			"As part of the import operation, you cannot modify or add [Outputs]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.refused(&shape.CreateChangeSetInput{
				StackName: "s", ChangeSetName: "bad", ChangeSetType: new("IMPORT"), TemplateBody: &c.template, ResourcesToImport: c.list, Capabilities: capabilities,
			}, "ValidationError", c.message)
		})
	}
}

func TestImportExistingResources(t *testing.T) {
	w := newWorld(t)
	w.user("ann")
	existing := shape.CreateChangeSetInput{ChangeSetType: new("CREATE"), ImportExistingResources: new(true)}
	bare := w.changeSet("s", "bare", resources(first, strings.Replace(imported, `"DeletionPolicy":"Retain",`, "", 1)), existing)
	if *bare.Status != "FAILED" || *bare.StatusReason != "CloudFormation is attempting to import some resources because they already exist in your account. The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. The affected resources are U ({UserName=ann})" {
		t.Errorf("%+v", bare)
	}
	set := w.changeSet("s", "both", resources(first, imported), existing)
	if len(set.Changes) != 2 || *set.Changes[0].ResourceChange.Action != "Add" || *set.Changes[1].ResourceChange.Action != "Import" || !*set.ImportExistingResources {
		t.Errorf("%+v", set)
	}
	w.execute("s", "both")
	w.is("s", "CREATE_COMPLETE")
}
