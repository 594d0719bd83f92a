// Package s3 is the part of Amazon S3 that CloudFormation, the CDK and the AWS CLI need of
// it: buckets with their configurations and policies, and objects, also those uploaded in
// parts. One file per noun, one function per operation. Bytes are in package objects.
package s3

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/objects"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
	"github.com/iamd-project/iamd/internal/store"
)

// Config is what the service needs of the server.
type Config struct {
	Files *objects.Files
	// Store is for calls that take more than one transaction.
	Store store.Store
	// Hosts are the server's own.
	Hosts Hosts
}

// service is a Config with its operations.
type service struct{ Config }

// The names of quotas. Sizes are in MiB.
const (
	bucketsPerAccount = "BucketsPerAccount"
	objectSize        = "ObjectSizeMiB"
	storage           = "StorageMiB"
)

const mebi = 1 << 20

// Service is S3 with the operations that are built.
func Service(c Config) op.Service {
	s := &service{c}
	return op.Service{
		Shape:     &shape.Service,
		Spelling:  awserr.S3,
		HostLabel: c.Hosts.Label,
		Operations: slices.Concat(
			bucketOperations(),
			configOperations(),
			policyOperations(),
			listOperations(),
			s.objectOperations(),
			s.deleteOperations(),
			s.uploadOperations(),
		),
		// https://docs.aws.amazon.com/general/latest/gr/s3.html; all the storage there is for
		// iamd to give is its disk.
		Quotas: op.Quotas{
			bucketsPerAccount: {Limit: 10_000, Most: 1_000_000},
			objectSize:        {Limit: 5 << 10, Most: 50 << 20},
			storage:           {Limit: 10 << 10, Most: 1 << 30},
		},
	}
}

func refuse(status int, code, message string, more ...awserr.Member) *awserr.Error {
	return &awserr.Error{Status: status, Code: code, Message: message, More: more}
}

func invalidArgument(name, value, message string) error {
	return refuse(http.StatusBadRequest, "InvalidArgument", message,
		awserr.Member{Name: "ArgumentName", Value: name}, awserr.Member{Name: "ArgumentValue", Value: value})
}

func noSuchBucket(name string) error {
	return refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist", awserr.Member{Name: "BucketName", Value: name})
}

func noSuchKey(key string) error {
	return refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.", awserr.Member{Name: "Key", Value: key})
}

// headersOf are the members of a request that have one of those names as headers.
func headersOf(in any, names []string) map[string]string {
	found := map[string]string{}
	eachHeader(in, func(name string, v reflect.Value) {
		if !slices.Contains(names, name) || v.IsNil() {
			return
		}
		switch value := v.Elem(); value.Kind() {
		case reflect.String:
			found[name] = value.String()
		case reflect.Bool:
			if value.Bool() {
				found[name] = "true"
			}
		}
	})
	return found
}

// fill sets the members of a reply that have those names as headers.
func fill(out any, headers map[string]string) {
	eachHeader(out, func(name string, v reflect.Value) {
		value, ok := headers[name]
		if !ok {
			return
		}
		switch v.Type().Elem().Kind() {
		case reflect.String:
			v.Set(reflect.ValueOf(&value))
		case reflect.Bool:
			v.Set(reflect.ValueOf(new(value == "true")))
		case reflect.Int32, reflect.Int64:
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				v.Set(reflect.New(v.Type().Elem()))
				v.Elem().SetInt(n)
			}
		}
	})
}

// eachHeader calls fn with every optional member that is a header.
func eachHeader(x any, fn func(name string, v reflect.Value)) {
	v := reflect.ValueOf(x).Elem()
	for i := range v.NumField() {
		_, at, ok := strings.Cut(v.Type().Field(i).Tag.Get("aws"), ",header=")
		if ok && v.Field(i).Kind() == reflect.Pointer {
			fn(strings.ToLower(strings.TrimSuffix(at, ",iso")), v.Field(i))
		}
	}
}

// showSum sets the checksum of a reply or of an element of it, which has a member for each
// algorithm.
func showSum(out any, sum directory.Sum) {
	v := reflect.ValueOf(out).Elem()
	if f := v.FieldByName("Checksum" + sum.Algorithm); f.IsValid() {
		f.Set(reflect.ValueOf(&sum.Value))
	}
	if f := v.FieldByName("ChecksumType"); f.IsValid() {
		f.Set(reflect.ValueOf(new(sumType(sum))))
	}
}

func sumType(sum directory.Sum) string {
	if sum.OfParts {
		return shape.ChecksumTypeComposite
	}
	return shape.ChecksumTypeFullObject
}

// value is "" for nil.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// orNil is nil for "".
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
