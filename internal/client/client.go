package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
	"github.com/iamd-project/iamd/sigv4"
)

// Options say where a Client finds what its user did not give it: as AWS's tools do, in
// the environment, the files it names, and what a machine in AWS is told of itself.
type Options struct {
	Endpoint string // for every service; "" for what the environment says, or else AWS's
	Profile  string // "" for the environment's
}

// A Client calls operations as one caller. It is safe for concurrent use.
type Client struct {
	region      string
	endpoints   func(service string) string // "" for AWS's own
	credentials aws.CredentialsProvider
	http        aws.HTTPClient
	attempts    int
	now         func() time.Time
}

// New makes a Client from the environment, AWS_CA_BUNDLE and AWS_MAX_ATTEMPTS included.
// It asks nobody for credentials yet.
func New(ctx context.Context, o Options) (*Client, error) {
	if o.Endpoint != "" {
		if err := checkURL(o.Endpoint); err != nil {
			return nil, err
		}
	}
	var load []func(*config.LoadOptions) error
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("reading AWS's configuration: %w", err)
	}
	c := &Client{region: cfg.Region, credentials: cfg.Credentials, http: cfg.HTTPClient, attempts: 3, now: time.Now}
	if c.http == nil { // there is no AWS_CA_BUNDLE
		c.http = awshttp.NewBuildableClient()
	}
	if cfg.RetryMaxAttempts > 0 {
		c.attempts = min(cfg.RetryMaxAttempts, maxAttempts)
	}
	c.endpoints = func(service string) string {
		if o.Endpoint != "" {
			return o.Endpoint
		}
		return configuredEndpoint(ctx, cfg, service)
	}
	return c, nil
}

// sdkIDs are the names by which AWS's configuration knows services.
// https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html
var sdkIDs = map[string]string{
	"cloudformation": "CloudFormation", "cloudtrail": "CloudTrail", "iam": "IAM", "organizations": "Organizations",
	"s3": "S3", "secretsmanager": "Secrets Manager", "ssm": "SSM", "sts": "STS",
}

// configuredEndpoint is a service's endpoint from AWS_ENDPOINT_URL_IAM, AWS_ENDPOINT_URL
// or a profile; "" if there is none. The first source that has one wins.
func configuredEndpoint(ctx context.Context, cfg aws.Config, service string) string {
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(interface {
			GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error)
		}); ok {
			if ignore, found, err := s.GetIgnoreConfiguredEndpoints(ctx); err == nil && found && ignore {
				return ""
			}
		}
	}
	for _, source := range cfg.ConfigSources {
		s, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if found, ok, err := s.GetServiceBaseEndpoint(ctx, sdkIDs[service]); err == nil && ok && found != "" {
			return found
		}
	}
	if cfg.BaseEndpoint != nil {
		return *cfg.BaseEndpoint
	}
	return ""
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("the endpoint %q is not a URL such as http://127.0.0.1:4566", text)
	}
	return nil
}

// signer returns who signs for a service in a region.
func (c *Client) signer(ctx context.Context, svc *shapes.Service, region string) (sigv4.Signer, error) {
	if c.credentials == nil {
		return sigv4.Signer{}, errors.New("there are no credentials in the environment, a profile or this machine")
	}
	got, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return sigv4.Signer{}, fmt.Errorf("finding credentials: %w", err)
	}
	return sigv4.Signer{
		Credentials: sigv4.Credentials{
			AccessKeyID: got.AccessKeyID, SecretAccessKey: got.SecretAccessKey, SessionToken: got.SessionToken,
		},
		Region: region, Service: svc.ID, S3: svc.Protocol == shapes.RESTXML,
	}, nil
}

// userAgent is what servers' logs call us.
const userAgent = "iamd"

// request makes one signed HTTP request.
func (c *Client) request(ctx context.Context, r Request, to, region string, asked *wire.Question) (*http.Request, error) {
	if asked.Path != "" {
		to = strings.TrimSuffix(to, "/") + asked.Path
	}
	req, err := http.NewRequestWithContext(ctx, asked.Method, to, bytes.NewReader(asked.Body))
	if err != nil {
		return nil, err
	}
	if req.URL.Path == "" {
		req.URL.Path = "/"
	}
	req.URL.RawQuery = asked.Query
	req.Header = asked.Header.Clone()
	req.Header.Set("User-Agent", userAgent)
	if r.Operation.Unsigned {
		return req, nil
	}
	signer, err := c.signer(ctx, r.Service, region)
	if err != nil {
		return nil, err
	}
	return req, signer.Sign(req, sigv4.HashPayload(asked.Body), c.now())
}
