package ssm

import (
	"context"
	"iter"
	"strconv"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func historyOperations() []op.Operation {
	return []op.Operation{op.Read("GetParameterHistory", needGetParameterHistory, getParameterHistory)}
}

func needGetParameterHistory(c *op.Call, in *shape.GetParameterHistoryRequest) ([]op.Need, error) {
	return needOn(c, "GetParameterHistory", in.Name)
}

// getParameterHistory lists the versions, oldest first.
func getParameterHistory(_ context.Context, c *op.Call, in *shape.GetParameterHistoryRequest) (*shape.GetParameterHistoryResult, error) {
	ref, err := referWhole(c, in.Name)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.NextToken, "")
	if err != nil {
		return nil, err
	}
	after, err := strconv.ParseInt("0"+cursor, 10, 64)
	if err != nil {
		return nil, errToken
	}
	p, err := ref.must(c)
	if err != nil {
		return nil, err
	}
	labels, err := p.Labels(c.Snap)
	if err != nil {
		return nil, err
	}
	number := func(v *directory.ParameterVersion) string { return strconv.FormatInt(v.Number, 10) }
	versions, err := page(versionsOf(c, p, after), in.MaxResults, mostPage, number, op.All)
	if err != nil {
		return nil, err
	}
	out := &shape.GetParameterHistoryResult{NextToken: versions.Next, Parameters: []shape.ParameterHistory{}}
	for _, v := range versions.Items {
		value, err := valueOf(c, p, v, isTrue(in.WithDecryption))
		if err != nil {
			return nil, err
		}
		m := metadata(p, v)
		out.Parameters = append(out.Parameters, shape.ParameterHistory{
			AllowedPattern:   m.AllowedPattern,
			DataType:         m.DataType,
			Description:      m.Description,
			KeyId:            m.KeyId,
			Labels:           labels.Of(v.Number),
			LastModifiedDate: m.LastModifiedDate,
			LastModifiedUser: m.LastModifiedUser,
			Name:             m.Name,
			Policies:         m.Policies,
			Tier:             m.Tier,
			Type:             m.Type,
			Value:            &value,
			Version:          m.Version,
		})
	}
	return out, nil
}

// versionsOf yields the versions of a parameter behind the one with that number.
func versionsOf(c *op.Call, p *directory.Parameter, after int64) iter.Seq2[*directory.ParameterVersion, error] {
	return func(yield func(*directory.ParameterVersion, error) bool) {
		if after >= p.Last { // also where the next number would be no number
			return
		}
		for number := max(p.First, after+1); number <= p.Last; number++ {
			v, err := p.Version(c.Snap, number)
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}
