package secrets

import (
	"context"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func deletionOperations(r Rotator) []op.Operation {
	return []op.Operation{
		op.Write("DeleteSecret", needDeleteSecret, deleteSecret),
		op.Write("RestoreSecret", needRestoreSecret, func(_ context.Context, c *op.Call, _ *shape.RestoreSecretRequest) (*shape.RestoreSecretResponse, error) {
			return restoreSecret(c, r)
		}),
	}
}

// The days in which a deletion can be taken back.
const (
	leastWindow   = 7
	mostWindow    = 30
	defaultWindow = 30
)

func needDeleteSecret(c *op.Call, in *shape.DeleteSecretRequest) ([]op.Need, error) {
	k := keys{}.number(keyRecoveryWindow, in.RecoveryWindowInDays).truth(keyForceDelete, in.ForceDeleteWithoutRecovery)
	return need(c, "DeleteSecret", in.SecretId, k)
}

func deleteSecret(_ context.Context, c *op.Call, in *shape.DeleteSecretRequest) (*shape.DeleteSecretResponse, error) {
	force, days := orElse(in.ForceDeleteWithoutRecovery, false), orElse(in.RecoveryWindowInDays, defaultWindow)
	switch {
	case force && in.RecoveryWindowInDays != nil:
		return nil, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case days < leastWindow || days > mostWindow:
		return nil, invalidParameter("The RecoveryWindowInDays value must be between %d and %d days (inclusive).", leastWindow, mostWindow)
	}
	s, err := found(c)
	switch {
	case err != nil && force:
		return deletedBefore(c), nil
	case err != nil:
		return nil, err
	case s.here.IsReplica():
		return nil, errReplica
	case len(s.here.Replicas) > 0:
		return nil, invalidParameter("You can't delete secret %s that still has replica regions [%s].", s.arn, strings.Join(replicaRegions(s.here), ", "))
	case s.here.Due != 0 && !force:
		return nil, errMarked
	}
	out := &shape.DeleteSecretResponse{ARN: &s.arn, Name: &s.here.Name, DeletionDate: &c.Now}
	if force {
		return out, directory.DeleteSecret(c.Tx, s.here)
	}
	changed := *s.here
	changed.Deleted = directory.At(c.Now)
	changed.Due = directory.At(c.Now.AddDate(0, 0, int(days)))
	out.DeletionDate = date(changed.Due)
	return out, put(c, s.here, &changed)
}

// deletedBefore is the reply to who deletes by force what is not there: it may be for the
// second time.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
func deletedBefore(c *op.Call) *shape.DeleteSecretResponse {
	s := c.Found.(*subject)
	out := &shape.DeleteSecretResponse{ARN: &s.id, Name: &s.id, DeletionDate: new(c.Now.Truncate(time.Millisecond))}
	if _, resource, ok := strings.Cut(s.id, ":secret:"); ok {
		name, _ := splitSuffix(resource)
		out.Name = &name
	} else {
		out.ARN = new(directory.SecretARN(s.owner, c.Region, s.id))
	}
	return out
}

func needRestoreSecret(c *op.Call, in *shape.RestoreSecretRequest) ([]op.Need, error) {
	return needOnly(c, "RestoreSecret", in.SecretId)
}

// restoreSecret does not mind a secret that is not marked for deletion. What its rotation
// has missed meanwhile is due now.
func restoreSecret(c *op.Call, rotator Rotator) (*shape.RestoreSecretResponse, error) {
	s, err := found(c)
	if err != nil {
		return nil, err
	}
	if s.here.IsReplica() {
		return nil, errReplica
	}
	out := &shape.RestoreSecretResponse{ARN: &s.arn, Name: &s.here.Name}
	if s.here.Due == 0 {
		return out, nil
	}
	changed := *s.here
	changed.Deleted, changed.Due = 0, 0
	c.After = func(context.Context) { rotator.Wake() }
	return out, put(c, s.here, &changed)
}
