package server

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/gateway"
	"github.com/iamd-project/iamd/internal/s3"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

// bucketReader reads templates from the server's own S3, whatever URL they have.
type bucketReader struct {
	hosts s3.Hosts
	g     *gateway.Gateway // set before the first call
}

// mostTemplate is more than any text that CloudFormation takes.
const mostTemplate = 2 << 20

// fetch reads an object as somebody: see cfn.Config.
func (b *bucketReader) fetch(ctx context.Context, as *directory.Standing, region, url string) (string, error) {
	at, err := b.hosts.Locate(url)
	if bad, ok := errors.AsType[*s3.BadURL](err); ok {
		if bad.Domain != "" {
			return "", badTemplate("S3 error: Domain name specified in %s is not a valid S3 domain", bad.Domain)
		}
		return "", badTemplate("TemplateURL must be a supported URL.")
	}
	out, err := b.g.Call(ctx, &gateway.Inside{
		As: *as, By: engine.Service, Region: region, In: &shape.GetObjectRequest{Bucket: at.Bucket, Key: at.Key},
	})
	if refused, ok := errors.AsType[*awserr.Error](err); ok {
		return "", badTemplate("S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", refused.Message)
	}
	if err != nil {
		return "", err
	}
	body := out.(*shape.GetObjectOutput).Body
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, mostTemplate))
	return string(text), err
}

func badTemplate(format string, args ...any) error {
	return awserr.New(http.StatusBadRequest, "ValidationError", format, args...)
}
