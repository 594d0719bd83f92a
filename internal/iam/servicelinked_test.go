package iam_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const ecsPolicy = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"

func createServiceLinked(w *optest.World, service string, suffix *string) *shape.Role {
	in := &shape.CreateServiceLinkedRoleRequest{AWSServiceName: service, CustomSuffix: suffix}
	return optest.Must[shape.CreateServiceLinkedRoleResponse](w, w.Root(), "CreateServiceLinkedRole", in).Role
}

func TestServiceLinkedRoleLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateServiceLinkedRoleRequest{AWSServiceName: "ecs.amazonaws.com", Description: new("for containers")}
	out, needs, err := w.Do(w.Root(), "CreateServiceLinkedRole", in)
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
	if len(needs) != 1 || needs[0].Resource != arn || needs[0].Context["iam:awsservicename"][0] != "ecs.amazonaws.com" {
		t.Errorf("CreateServiceLinkedRole needs %v", needs)
	}
	r := out.(*shape.CreateServiceLinkedRoleResponse).Role
	trust, err := url.PathUnescape(*r.AssumeRolePolicyDocument)
	if err != nil || r.Arn != arn || !strings.Contains(trust, `"Service":["ecs.amazonaws.com"]`) {
		t.Errorf("CreateServiceLinkedRole replied %+v with trust %s", r, trust)
	}
	attached := optest.Must[shape.ListAttachedRolePoliciesResponse](w, w.Root(), "ListAttachedRolePolicies",
		&shape.ListAttachedRolePoliciesRequest{RoleName: r.RoleName}).AttachedPolicies
	if len(attached) != 1 || *attached[0].PolicyArn != ecsPolicy {
		t.Errorf("policies of the role: %+v", attached)
	}
	if got := getRole(w, "AWSServiceRoleForECS"); *got.Description != "for containers" {
		t.Errorf("GetRole replied %+v", got)
	}
	w.Refused(w.Root(), "CreateServiceLinkedRole", in,
		400, "InvalidInput", "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.")

	deleted := optest.Must[shape.DeleteServiceLinkedRoleResponse](w, w.Root(), "DeleteServiceLinkedRole",
		&shape.DeleteServiceLinkedRoleRequest{RoleName: "awsserviceroleforecs"})
	task, ok := strings.CutPrefix(deleted.DeletionTaskId, "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/")
	if !ok || len(task) != 36 {
		t.Errorf("the deletion's task is %s", deleted.DeletionTaskId)
	}
	w.Refused(w.Root(), "GetRole", &shape.GetRoleRequest{RoleName: "AWSServiceRoleForECS"},
		404, "NoSuchEntity", "The role with name AWSServiceRoleForECS cannot be found.")
	status, needs, err := w.Do(w.Root(), "GetServiceLinkedRoleDeletionStatus",
		&shape.GetServiceLinkedRoleDeletionStatusRequest{DeletionTaskId: deleted.DeletionTaskId})
	if err != nil || status.(*shape.GetServiceLinkedRoleDeletionStatusResponse).Status != "SUCCEEDED" || needs[0].Resource != arn {
		t.Errorf("the deletion's status is %v, which needs %v (%v)", status, needs, err)
	}
	w.Refused(w.Root(), "GetServiceLinkedRoleDeletionStatus", &shape.GetServiceLinkedRoleDeletionStatusRequest{DeletionTaskId: "task/x"},
		404, "NoSuchEntity", "The deletion task with id task/x cannot be found.")
	createServiceLinked(w, "ecs.amazonaws.com", nil)
}

// Every service's role can be made, with the policy that belongs to it.
func TestEveryServiceLinkedRole(t *testing.T) {
	w := optest.New(t, iam.Service())
	names := map[string]string{}
	for _, service := range iam.ServicesWithRoles() {
		r := createServiceLinked(w, service, nil)
		if other := names[r.RoleName]; other != "" {
			t.Errorf("%s and %s have one role", service, other)
		}
		names[r.RoleName] = service
		if len(r.RoleName) > 64 {
			t.Errorf("%s is a name of %d characters", r.RoleName, len(r.RoleName))
		}
	}
}

func TestServiceLinkedRoleSuffix(t *testing.T) {
	w := optest.New(t, iam.Service())
	createServiceLinked(w, "autoscaling.amazonaws.com", nil)
	if r := createServiceLinked(w, "autoscaling.amazonaws.com", new("blue")); r.RoleName != "AWSServiceRoleForAutoScaling_blue" {
		t.Errorf("with a suffix the role is %s", r.RoleName)
	}
	for _, tc := range []struct {
		service, suffix string
		status          int
		code, message   string
	}{
		{"autoscaling.amazonaws.com", "BLUE", 400, "InvalidInput",
			"Service role name AWSServiceRoleForAutoScaling_BLUE has been taken in this account, please try a different suffix."},
		{"autoscaling.amazonaws.com", strings.Repeat("x", 40), 400, "InvalidInput",
			"Service role name AWSServiceRoleForAutoScaling_" + strings.Repeat("x", 40) + " is too long, please try a shorter suffix."},
		{"ecs.amazonaws.com", "blue", 400, "InvalidInput", "Custom suffix is not allowed for ecs.amazonaws.com"},
		{"nothing.amazonaws.com", "blue", 403, "AccessDenied", "Cannot find Service Linked Role template for nothing.amazonaws.com"},
		{"ecs", "blue", 403, "AccessDenied", "Cannot find Service Linked Role template for ecs"},
	} {
		w.Refused(w.Root(), "CreateServiceLinkedRole", &shape.CreateServiceLinkedRoleRequest{AWSServiceName: tc.service, CustomSuffix: &tc.suffix},
			tc.status, tc.code, tc.message)
	}
}

// An account may describe and tag a service's role, and nothing else.
func TestServiceLinkedRoleIsProtected(t *testing.T) {
	w := optest.New(t, iam.Service())
	createServiceLinked(w, "ecs.amazonaws.com", nil)
	createProfile(w, "p", "")
	const name = "AWSServiceRoleForECS"
	for operation, in := range map[string]any{
		"DeleteRole":                    &shape.DeleteRoleRequest{RoleName: name},
		"UpdateRole":                    &shape.UpdateRoleRequest{RoleName: name, MaxSessionDuration: new(int32(7200))},
		"UpdateAssumeRolePolicy":        &shape.UpdateAssumeRolePolicyRequest{RoleName: name, PolicyDocument: ec2Trust},
		"AddRoleToInstanceProfile":      &shape.AddRoleToInstanceProfileRequest{RoleName: name, InstanceProfileName: "p"},
		"RemoveRoleFromInstanceProfile": &shape.RemoveRoleFromInstanceProfileRequest{RoleName: name, InstanceProfileName: "p"},
		"PutRolePolicy":                 &shape.PutRolePolicyRequest{RoleName: name, PolicyName: "p", PolicyDocument: "{}"},
		"DeleteRolePolicy":              &shape.DeleteRolePolicyRequest{RoleName: name, PolicyName: "p"},
		"AttachRolePolicy":              &shape.AttachRolePolicyRequest{RoleName: name, PolicyArn: ecsPolicy},
		"DetachRolePolicy":              &shape.DetachRolePolicyRequest{RoleName: name, PolicyArn: ecsPolicy},
		"PutRolePermissionsBoundary":    &shape.PutRolePermissionsBoundaryRequest{RoleName: name, PermissionsBoundary: ecsPolicy},
		"DeleteRolePermissionsBoundary": &shape.DeleteRolePermissionsBoundaryRequest{RoleName: name},
	} {
		w.Refused(w.Root(), operation, in, 400, "UnmodifiableEntity",
			"Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS")
	}
	optest.Must[shape.UpdateRoleResponse](w, w.Root(), "UpdateRole", &shape.UpdateRoleRequest{RoleName: name, Description: new("d")})
	optest.Must[shape.UpdateRoleDescriptionResponse](w, w.Root(), "UpdateRoleDescription", &shape.UpdateRoleDescriptionRequest{RoleName: name, Description: "e"})
	optest.Must[op.None](w, w.Root(), "TagRole", &shape.TagRoleRequest{RoleName: name, Tags: []shape.Tag{{Key: "a"}}})
	if got := strings.Join(extras(getRole(w, name)), " "); got != "e 3600 tags used" {
		t.Errorf("the role has %q", got)
	}
}

func TestDeleteServiceLinkedRoleOfOthers(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "own", "")
	for _, name := range []string{"own", "none"} {
		w.Refused(w.Root(), "DeleteServiceLinkedRole", &shape.DeleteServiceLinkedRoleRequest{RoleName: name},
			404, "NoSuchEntity", "The role with name "+name+" cannot be found.")
	}
}
