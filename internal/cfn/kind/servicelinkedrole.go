package kind

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type serviceLinkedRoleProperties struct {
	AWSServiceName string `json:",omitempty"`
	CustomSuffix   string `json:",omitempty"`
	Description    string `json:",omitempty"`
}

var serviceLinkedRole = Kind[serviceLinkedRoleProperties]{
	Type: "AWS::IAM::ServiceLinkedRole",
	Check: func(_, want *serviceLinkedRoleProperties) error {
		if want.AWSServiceName == "" {
			return missingKey("AWSServiceName")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, _ Resource, want *serviceLinkedRoleProperties) (Result, error) {
		reply, err := Do[iam.CreateServiceLinkedRoleResponse](ctx, api, &iam.CreateServiceLinkedRoleRequest{
			AWSServiceName: want.AWSServiceName,
			CustomSuffix:   orNil(want.CustomSuffix),
			Description:    orNil(want.Description),
		})
		if err != nil {
			return Result{}, err
		}
		return roleNameResult(reply.Role.RoleName), nil
	},
	Update: func(ctx context.Context, api API, r Resource, _, want *serviceLinkedRoleProperties) (Result, error) {
		_, err := api.Call(ctx, &iam.UpdateRoleRequest{RoleName: r.Physical, Description: &want.Description})
		return Result{Physical: r.Physical}, err
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *serviceLinkedRoleProperties) error {
		task, err := Do[iam.DeleteServiceLinkedRoleResponse](ctx, api, &iam.DeleteServiceLinkedRoleRequest{RoleName: r.Physical})
		if err != nil {
			return ignore(err, "NoSuchEntity")
		}
		status, err := Do[iam.GetServiceLinkedRoleDeletionStatusResponse](ctx, api,
			&iam.GetServiceLinkedRoleDeletionStatusRequest{DeletionTaskId: task.DeletionTaskId})
		if err != nil {
			return err
		}
		switch status.Status {
		case iam.DeletionTaskStatusTypeSucceeded:
			return nil
		case iam.DeletionTaskStatusTypeFailed:
			reason := "the deletion task failed"
			if status.Reason != nil && status.Reason.Reason != nil {
				reason = *status.Reason.Reason
			}
			return awserr.New(409, "DeleteConflict", "Service linked role %s cannot be deleted: %s", r.Physical, reason)
		}
		return ErrPending
	},
	Read: func(ctx context.Context, api API, r Resource, was *serviceLinkedRoleProperties) (*serviceLinkedRoleProperties, Result, error) {
		reply, err := Do[iam.GetRoleResponse](ctx, api, &iam.GetRoleRequest{RoleName: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		is := *was
		is.Description = orNone(reply.Role.Description)
		return &is, roleNameResult(r.Physical), nil
	},
}

func roleNameResult(name string) Result {
	return Result{Physical: name, Attrs: map[string]string{"RoleName": name}}
}
