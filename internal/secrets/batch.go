package secrets

import (
	"context"
	"errors"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func batchOperations() []op.Operation {
	return []op.Operation{op.Read("BatchGetSecretValue", needBatchGetSecretValue, batchGetSecretValue)}
}

// mostBatch is the most values in one reply.
const mostBatch = 20

// needBatchGetSecretValue does not ask for the secrets: Run does, one by one, and
// tells about those that are denied.
func needBatchGetSecretValue(_ *op.Call, in *shape.BatchGetSecretValueRequest) ([]op.Need, error) {
	needs := []op.Need{needAll("BatchGetSecretValue")}
	if in.Filters != nil {
		needs = append(needs, needAll("ListSecrets"))
	}
	return needs, nil
}

func batchGetSecretValue(_ context.Context, c *op.Call, in *shape.BatchGetSecretValueRequest) (*shape.BatchGetSecretValueResponse, error) {
	switch {
	case (in.SecretIdList == nil) == (in.Filters == nil):
		return nil, invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	case in.Filters == nil && in.MaxResults != nil:
		return nil, invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
	case in.Filters == nil && in.NextToken != nil:
		return nil, invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'NextToken' is provided.")
	}
	out := &shape.BatchGetSecretValueResponse{Errors: []shape.APIErrorType{}, SecretValues: []shape.SecretValueEntry{}}
	if in.Filters == nil {
		for _, id := range in.SecretIdList {
			s, err := find(c, id)
			if err := addValue(c, out, id, s, err); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	o, err := orderOf(c, shape.SortByTypeCreatedDate, false)
	if err != nil {
		return nil, err
	}
	p, err := page(c, o, in.NextToken, limitOf(in.MaxResults, mostBatch), in.Filters, false)
	if err != nil {
		return nil, err
	}
	for _, s := range p.Items {
		if err := addValue(c, out, s.id, s, nil); err != nil {
			return nil, err
		}
	}
	out.NextToken = p.Next
	return out, nil
}

// addValue adds the value of a secret to a reply, or what stands in its way; err is what
// stood in the way of finding it.
func addValue(c *op.Call, out *shape.BatchGetSecretValueResponse, id string, s *subject, err error) error {
	var v *shape.GetSecretValueResponse
	if err == nil {
		err = c.May(s.need("GetSecretValue", keys{keyVersionStage: currentOnly}))
	}
	if err == nil && s.here == nil {
		err = errNoSecret
	}
	if err == nil {
		v, err = s.value(c, nil, nil)
	}
	if err == nil {
		out.SecretValues = append(out.SecretValues, shape.SecretValueEntry(*v))
		return nil
	}
	e, meant := awserr.Public(err, awserr.JSON)
	if !meant {
		return errors.Join(errors.New("a value of a batch"), err)
	}
	out.Errors = append(out.Errors, shape.APIErrorType{SecretId: &id, ErrorCode: &e.Code, Message: &e.Message})
	return nil
}
