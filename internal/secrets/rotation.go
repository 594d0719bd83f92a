package secrets

import (
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/rotation"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// Rotator does what the operations have written down.
type Rotator interface {
	// Finish has what is to be done for a secret done, and waits for it, but not long.
	Finish(ctx context.Context, s *directory.Secret)
	// Wake says that there may be another next rotation.
	Wake()
}

func rotationOperations(r Rotator) []op.Operation {
	return []op.Operation{
		op.Write("RotateSecret", needRotateSecret, func(_ context.Context, c *op.Call, in *shape.RotateSecretRequest) (*shape.RotateSecretResponse, error) {
			return rotateSecret(c, r, in)
		}),
		op.Write("CancelRotateSecret", needCancelRotateSecret, func(_ context.Context, c *op.Call, _ *shape.CancelRotateSecretRequest) (*shape.CancelRotateSecretResponse, error) {
			return cancelRotateSecret(c, r)
		}),
	}
}

func needRotateSecret(c *op.Call, in *shape.RotateSecretRequest) ([]op.Need, error) {
	k := keys{}.text(keyRotationLambda, in.RotationLambdaARN).truth(keyRotateImmediately, in.RotateImmediately).
		truth(keyModifyRules, new(in.RotationRules != nil)).text(keyExternalRole, in.ExternalSecretRotationRoleArn)
	return need(c, "RotateSecret", in.SecretId, k)
}

// rotateSecret records how a secret is to be rotated, and that it is to be now, unless the
// request says otherwise. The rotation itself goes on behind the reply.
func rotateSecret(c *op.Call, rotator Rotator, in *shape.RotateSecretRequest) (*shape.RotateSecretResponse, error) {
	if in.ClientRequestToken == nil {
		return nil, errToken
	}
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	changed := *was
	changed.Rotation = new(orElse(was.Rotation, directory.SecretRotation{}))
	r := changed.Rotation
	if err := changeRotation(r, in); err != nil {
		return nil, err
	}
	r.Enabled = true
	out := &shape.RotateSecretResponse{ARN: new(was.ARN()), Name: &was.Name}
	now := orElse(in.RotateImmediately, true)
	if !rotation.Runs(&changed) {
		return out, recordRotation(c, was, &changed, now)
	}
	token := *in.ClientRequestToken
	if now {
		out.VersionId = &token
	}
	if was.Version(token) != nil || r.Work != nil && r.Work.Version == token {
		return out, nil // asked for before
	}
	if err := lend(c, &changed, in.RotationLambdaARN != nil); err != nil {
		return nil, err
	}
	if in.RotationRules != nil || r.Next == 0 {
		rotation.Begin(&changed, c.Now)
	}
	if err := ask(c, &changed, token, now); err != nil {
		return nil, err
	}
	if !r.Work.Test {
		out.VersionId = &r.Work.Version
	}
	c.After = func(ctx context.Context) {
		rotator.Finish(ctx, &changed)
		rotator.Wake()
	}
	return out, put(c, was, &changed)
}

// recordRotation records how a secret would be rotated by a function that does not run here.
func recordRotation(c *op.Call, was, s *directory.Secret, now bool) error {
	if now {
		return awserr.Refuse(awserr.NotBuilt, "iamd runs no Lambda functions. What rotates access keys is %s.", rotation.Function(was.Account, was.Region))
	}
	s.Rotation.Next, s.Rotation.Until = 0, 0
	return put(c, was, s)
}

// ask has a rotation begin, unless one goes on, or a test of how it will be if it is not to
// be now; a rotation that has come to nothing so far is tried again at once.
func ask(c *op.Call, s *directory.Secret, version string, now bool) error {
	r := s.Rotation
	if w := r.Work; w != nil {
		if w.Attempts == 0 || w.Step != directory.RotationCreate {
			return errNotComplete
		}
		if now {
			r.Work = new(*w)
			r.Work.Try, r.Work.Attempts = directory.At(c.Now), 0
		}
		return nil
	}
	if v := s.Staged(pending); v != nil && v != s.Staged(current) {
		return errNotComplete
	}
	r.Work = &directory.RotationWork{Version: version, Try: directory.At(c.Now), Test: !now}
	return nil
}

// lend has a rotation act as the caller who names its function, for the user whose key the
// secret holds. Who only starts a rotation needs no more permission, and gives none.
func lend(c *op.Call, s *directory.Secret, named bool) error {
	r := s.Rotation
	if r.As != nil && !named {
		return nil
	}
	if c.Caller.Account != s.Account {
		return invalidRequest("The rotation of access keys must be set up by a principal of the secret's account.")
	}
	u, key, why, err := rotation.Holder(c.Snap, c.Keyring, s)
	if err != nil {
		return err
	}
	if u == nil {
		return invalidRequest("%s", why)
	}
	r.As, r.User, r.Key = new(c.Caller.Standing()), u.ID, key
	return nil
}

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
	_, err := rotation.Parse(orElse(rules.AutomaticallyAfterDays, 0), orElse(rules.ScheduleExpression, ""), orElse(rules.Duration, ""))
	if err != nil {
		return invalidParameter("%s", err)
	}
	r.Days, r.Schedule, r.Duration = orElse(rules.AutomaticallyAfterDays, 0), orElse(rules.ScheduleExpression, ""), orElse(rules.Duration, "")
	return nil
}

func needCancelRotateSecret(c *op.Call, in *shape.CancelRotateSecretRequest) ([]op.Need, error) {
	return needOnly(c, "CancelRotateSecret", in.SecretId)
}

// cancelRotateSecret forgets the rules but not the function, so that a rotation can be
// turned on again. What one that goes on has made is undone; an old key is still seen to
// its end. It does not mind a secret that has none.
func cancelRotateSecret(c *op.Call, rotator Rotator) (*shape.CancelRotateSecretResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	out := &shape.CancelRotateSecretResponse{ARN: new(was.ARN()), Name: &was.Name}
	if was.Rotation == nil {
		return out, nil
	}
	changed, r := *was, *was.Rotation
	r.Enabled, r.Days, r.Schedule, r.Duration, r.Next, r.Until = false, 0, "", "", 0, 0
	if w := r.Work; w != nil {
		out.VersionId = &w.Version
		r.Work = &directory.RotationWork{Version: w.Version, Step: directory.RotationUndo, Try: directory.At(c.Now), Key: w.Key, Old: w.Old, From: w.From, Test: w.Test}
		c.After = func(ctx context.Context) { rotator.Finish(ctx, &changed) }
	}
	changed.Rotation = &r
	return out, put(c, was, &changed)
}

// rotated counts a value that somebody gave a secret as a rotation, where these go by the
// days since the last one.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
func rotated(c *op.Call, s *directory.Secret) {
	if s.Rotation != nil && s.Rotation.Days != 0 && s.Rotation.Work == nil {
		s.Rotation = new(*s.Rotation)
		rotation.Plan(s, c.Now)
	}
}

func describeRotation(out *shape.SecretListEntry, r *directory.SecretRotation) {
	if r == nil {
		return
	}
	out.RotationEnabled = &r.Enabled
	out.RotationLambdaARN = orNil(r.Lambda)
	out.NextRotationDate, out.LastRotatedDate = date(r.Until), date(r.Last)
	out.ExternalSecretRotationRoleArn = orNil(r.Role)
	for i := range r.Metadata {
		out.ExternalSecretRotationMetadata = append(out.ExternalSecretRotationMetadata,
			shape.ExternalSecretRotationMetadataItem{Key: &r.Metadata[i].Key, Value: &r.Metadata[i].Value})
	}
	if r.Days != 0 || r.Schedule != "" || r.Duration != "" {
		out.RotationRules = &shape.RotationRulesType{
			AutomaticallyAfterDays: orNil(daysBetween(r)), ScheduleExpression: orNil(r.Schedule), Duration: orNil(r.Duration),
		}
	}
}

// daysBetween is the days between two rotations, which AWS tells of a schedule, too, once
// there was one.
func daysBetween(r *directory.SecretRotation) int64 {
	if r.Days != 0 || r.Next == 0 || r.Last == 0 {
		return r.Days
	}
	const day = 24 * time.Hour
	return max(1, int64(r.Next.Time().Sub(r.Last.Time().Truncate(day))/day))
}
