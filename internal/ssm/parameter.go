package ssm

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func parameterOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetParameter", needGetParameter, getParameter),
		op.Read("GetParameters", needGetParameters, getParameters),
		op.Write("DeleteParameter", needDeleteParameter, deleteParameter),
		op.Write("DeleteParameters", needDeleteParameters, deleteParameters),
	}
}

// The types of parameters.
const (
	stringType     = shape.ParameterTypeString
	stringListType = shape.ParameterTypeStringList
	secureType     = shape.ParameterTypeSecureString
)

func needGetParameter(c *op.Call, in *shape.GetParameterRequest) ([]op.Need, error) {
	return needOn(c, "GetParameter", in.Name)
}

func getParameter(_ context.Context, c *op.Call, in *shape.GetParameterRequest) (*shape.GetParameterResult, error) {
	ref, err := refer(c, in.Name)
	if err != nil {
		return nil, err
	}
	out, err := ref.read(c, isTrue(in.WithDecryption))
	return &shape.GetParameterResult{Parameter: out}, err
}

func needGetParameters(c *op.Call, in *shape.GetParametersRequest) ([]op.Need, error) {
	return needEach(c, "GetParameters", in.Names)
}

func getParameters(_ context.Context, c *op.Call, in *shape.GetParametersRequest) (*shape.GetParametersResult, error) {
	out := &shape.GetParametersResult{Parameters: []shape.Parameter{}, InvalidParameters: []string{}}
	for i, name := range in.Names {
		if slices.Contains(in.Names[:i], name) {
			continue
		}
		ref, err := refer(c, name)
		if err != nil {
			return nil, err
		}
		p, err := ref.read(c, isTrue(in.WithDecryption))
		if isMissing(err) {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, *p)
	}
	return out, nil
}

func isMissing(err error) bool {
	e, ok := errors.AsType[*awserr.Error](err)
	return ok && (e.Code == "ParameterNotFound" || e.Code == "ParameterVersionNotFound")
}

// read is the version that is meant, as replies have it.
func (ref reference) read(c *op.Call, decrypt bool) (*shape.Parameter, error) {
	if ref.isSecret() {
		return ref.readSecret(c, decrypt)
	}
	p, err := ref.must(c)
	if err != nil {
		return nil, err
	}
	v, err := ref.version(c, p)
	if err != nil {
		return nil, err
	}
	out, err := describe(c, p, v, decrypt)
	if err == nil && ref.selector != "" {
		out.Selector = new(":" + ref.selector)
	}
	return out, err
}

// version is the version of p that is meant.
func (ref reference) version(c *op.Call, p *directory.Parameter) (*directory.ParameterVersion, error) {
	if ref.selector == "" {
		return p.Version(c.Snap, p.Last)
	}
	number, err := strconv.ParseInt(ref.selector, 10, 64)
	if err != nil { // labels don't begin with a digit
		labels, err := p.Labels(c.Snap)
		if err != nil {
			return nil, err
		}
		if number = labels.Version(ref.selector); number == 0 {
			return nil, awserr.New(400, "ParameterVersionNotFound", "Systems Manager could not find label %s of %s. Verify the label and try again.", ref.selector, p.Name)
		}
	}
	v, err := p.Version(c.Snap, number)
	if err == nil && v == nil {
		err = versionNotFound(number, p.Name)
	}
	return v, err
}

func describe(c *op.Call, p *directory.Parameter, v *directory.ParameterVersion, decrypt bool) (*shape.Parameter, error) {
	value, err := valueOf(c, p, v, decrypt)
	return &shape.Parameter{
		ARN:              new(p.ARN()),
		DataType:         &v.DataType,
		LastModifiedDate: new(v.Modified.Time()),
		Name:             &p.Name,
		Type:             &v.Type,
		Value:            &value,
		Version:          &v.Number,
	}, err
}

// valueOf is the value of a version as a caller sees it: that of a SecureString is the
// ciphertext, unless it is to be decrypted.
func valueOf(c *op.Call, p *directory.Parameter, v *directory.ParameterVersion, decrypt bool) (string, error) {
	switch {
	case v.Type != secureType:
		return v.Value, nil
	case decrypt:
		return p.Open(c.Keyring, v)
	}
	return base64.StdEncoding.EncodeToString(v.Sealed), nil
}

func needDeleteParameter(c *op.Call, in *shape.DeleteParameterRequest) ([]op.Need, error) {
	return needOn(c, "DeleteParameter", in.Name)
}

func deleteParameter(_ context.Context, c *op.Call, in *shape.DeleteParameterRequest) (*shape.DeleteParameterResult, error) {
	ref, err := referWhole(c, in.Name)
	if err != nil {
		return nil, err
	}
	p, err := ref.must(c)
	if err != nil {
		return nil, err
	}
	if err := directory.DeleteParameter(c.Tx, p); err != nil {
		return nil, err
	}
	return &shape.DeleteParameterResult{}, sweep(c)
}

func needDeleteParameters(c *op.Call, in *shape.DeleteParametersRequest) ([]op.Need, error) {
	return needEach(c, "DeleteParameters", in.Names)
}

func deleteParameters(_ context.Context, c *op.Call, in *shape.DeleteParametersRequest) (*shape.DeleteParametersResult, error) {
	out := &shape.DeleteParametersResult{DeletedParameters: []string{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		ref, err := referWhole(c, name)
		if err != nil {
			return nil, err
		}
		p, err := ref.find(c)
		if err != nil {
			return nil, err
		}
		if p == nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		if err := directory.DeleteParameter(c.Tx, p); err != nil {
			return nil, err
		}
		out.DeletedParameters = append(out.DeletedParameters, name)
	}
	return out, sweep(c)
}

// sweptEach is how many writes go to what earlier deletions have left. DeleteParameters
// of ten makes 40 of its own, and a transaction may make 100.
const sweptEach = 50

func sweep(c *op.Call) error { return directory.SweepParameters(c.Tx, c.Caller.Account, sweptEach) }

func isTrue(b *bool) bool { return b != nil && *b }
