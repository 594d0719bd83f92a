package secrets

import (
	"context"
	"regexp"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func rotationOperations() []op.Operation {
	return []op.Operation{
		op.Write("RotateSecret", needRotateSecret, rotateSecret),
		op.Write("CancelRotateSecret", needCancelRotateSecret, cancelRotateSecret),
	}
}

func needRotateSecret(c *op.Call, in *shape.RotateSecretRequest) ([]op.Need, error) {
	k := keys{}.text(keyRotationLambda, in.RotationLambdaARN).truth(keyRotateImmediately, in.RotateImmediately).
		truth(keyModifyRules, new(in.RotationRules != nil)).text(keyExternalRole, in.ExternalSecretRotationRoleArn)
	return need(c, "RotateSecret", in.SecretId, k)
}

// rotateSecret records how a secret is to be rotated. Nothing rotates it yet, and so a
// rotation that is to begin at once, as it is by default, is refused.
func rotateSecret(_ context.Context, c *op.Call, in *shape.RotateSecretRequest) (*shape.RotateSecretResponse, error) {
	if in.ClientRequestToken == nil {
		return nil, errToken
	}
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	r := directory.SecretRotation{}
	if was.Rotation != nil {
		r = *was.Rotation
	}
	if err := changeRotation(&r, in); err != nil {
		return nil, err
	}
	if orElse(in.RotateImmediately, true) {
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not support secretsmanager:RotateSecret with RotateImmediately yet.")
	}
	r.Enabled = true
	changed := *was
	changed.Rotation = &r
	return &shape.RotateSecretResponse{ARN: new(was.ARN()), Name: &was.Name}, put(c, was, &changed)
}

// scheduleForm is that of a schedule.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
var scheduleForm = regexp.MustCompile(`^(rate\([1-9][0-9]{0,3} (hours?|days?)\)|cron\([^ ]+( [^ ]+){5}\))$`)

// changeRotation puts what a request says into r.
func changeRotation(r *directory.SecretRotation, in *shape.RotateSecretRequest) error {
	r.Lambda, r.Role = orElse(in.RotationLambdaARN, r.Lambda), orElse(in.ExternalSecretRotationRoleArn, r.Role)
	if r.Lambda == "" && r.Role == "" {
		return invalidRequest("No Lambda rotation function ARN is associated with this secret.")
	}
	if in.ExternalSecretRotationMetadata != nil {
		r.Metadata = make([]directory.Tag, len(in.ExternalSecretRotationMetadata))
		for i, m := range in.ExternalSecretRotationMetadata {
			r.Metadata[i] = directory.Tag{Key: orElse(m.Key, ""), Value: orElse(m.Value, "")}
		}
	}
	rules := in.RotationRules
	if rules == nil {
		return nil
	}
	switch {
	case rules.AutomaticallyAfterDays != nil && rules.ScheduleExpression != nil:
		return invalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression.")
	case rules.ScheduleExpression != nil && !scheduleForm.MatchString(*rules.ScheduleExpression):
		return invalidParameter("Invalid ScheduleExpression.")
	}
	r.Days, r.Schedule, r.Duration = orElse(rules.AutomaticallyAfterDays, 0), orElse(rules.ScheduleExpression, ""), orElse(rules.Duration, "")
	return nil
}

func needCancelRotateSecret(c *op.Call, in *shape.CancelRotateSecretRequest) ([]op.Need, error) {
	return needOnly(c, "CancelRotateSecret", in.SecretId)
}

// cancelRotateSecret forgets the rules but not the function, so that a rotation can be
// turned on again. It does not mind a secret that has none.
func cancelRotateSecret(_ context.Context, c *op.Call, _ *shape.CancelRotateSecretRequest) (*shape.CancelRotateSecretResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	out := &shape.CancelRotateSecretResponse{ARN: new(was.ARN()), Name: &was.Name}
	if was.Rotation == nil {
		return out, nil
	}
	changed := *was
	changed.Rotation = &directory.SecretRotation{Lambda: was.Rotation.Lambda, Role: was.Rotation.Role, Metadata: was.Rotation.Metadata}
	return out, put(c, was, &changed)
}

func describeRotation(out *shape.SecretListEntry, r *directory.SecretRotation) {
	if r == nil {
		return
	}
	out.RotationEnabled = &r.Enabled
	out.RotationLambdaARN = orNil(r.Lambda)
	out.ExternalSecretRotationRoleArn = orNil(r.Role)
	for i := range r.Metadata {
		out.ExternalSecretRotationMetadata = append(out.ExternalSecretRotationMetadata,
			shape.ExternalSecretRotationMetadataItem{Key: &r.Metadata[i].Key, Value: &r.Metadata[i].Value})
	}
	if r.Days != 0 || r.Schedule != "" || r.Duration != "" {
		out.RotationRules = &shape.RotationRulesType{
			AutomaticallyAfterDays: orNil(r.Days), ScheduleExpression: orNil(r.Schedule), Duration: orNil(r.Duration),
		}
	}
}
