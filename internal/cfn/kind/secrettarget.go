package kind

import (
	"context"
	"fmt"
)

type secretTargetProperties struct{ SecretId, TargetId, TargetType string }

// secretTarget would put how a database is reached into a secret, taken from AWS's API
// for such databases. There are none here, so that each is refused before anything is made.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
var secretTarget = Kind[secretTargetProperties]{
	Type:  "AWS::SecretsManager::SecretTargetAttachment",
	Check: func(_, want *secretTargetProperties) error { return want.refuse() },
	Create: func(_ context.Context, _ API, _ Resource, want *secretTargetProperties) (Result, error) {
		return Result{}, want.refuse()
	},
	Update: func(_ context.Context, _ API, _ Resource, _, want *secretTargetProperties) (Result, error) {
		return Result{}, want.refuse()
	},
	Delete: func(context.Context, API, Resource, *secretTargetProperties) error { return nil },
}

func (p *secretTargetProperties) refuse() error {
	return Invalid(fmt.Sprintf("#/TargetType: iamd has no %s to attach a secret to", p.TargetType))
}
