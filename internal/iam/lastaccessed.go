package iam

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func lastAccessedOperations() []op.Operation {
	return []op.Operation{
		op.Write("GenerateServiceLastAccessedDetails", needGenerateServiceLastAccessedDetails, generateServiceLastAccessedDetails),
		op.Read("GetServiceLastAccessedDetails", needServiceLastAccessedDetails, getServiceLastAccessedDetails),
		op.Read("GetServiceLastAccessedDetailsWithEntities", needServiceLastAccessedDetailsWithEntities, getServiceLastAccessedDetailsWithEntities),
	}
}

func needGenerateServiceLastAccessedDetails(c *op.Call, in *shape.GenerateServiceLastAccessedDetailsRequest) ([]op.Need, error) {
	return needARN(c, "GenerateServiceLastAccessedDetails", in.Arn)
}

func generateServiceLastAccessedDetails(_ context.Context, c *op.Call, in *shape.GenerateServiceLastAccessedDetailsRequest) (*shape.GenerateServiceLastAccessedDetailsResponse, error) {
	of, err := reportedID(c, in.Arn)
	if err != nil {
		return nil, err
	}
	job := &directory.AccessJob{
		Account: c.Caller.Account,
		ID:      directory.NewAccessJobID(c.IDs, c.Now),
		By:      callerOf(c),
		Of:      of,
		Name:    in.Arn,
		Actions: in.Granularity != nil && *in.Granularity == shape.AccessAdvisorUsageGranularityTypeActionLevel,
		Created: directory.At(c.Now),
	}
	return &shape.GenerateServiceLastAccessedDetailsResponse{JobId: &job.ID}, directory.PutAccessJob(c.Tx, job)
}

// reportedID is the ID of what a report is about: a user, group, role or policy.
func reportedID(c *op.Call, s string) (ids.EntityID, error) {
	_, e, err := parseEntityARN(s)
	if err != nil {
		return "", err
	}
	if e.Kind == arn.Policy {
		p, err := mustPolicy(c, s)
		if err != nil {
			return "", err
		}
		return p.ID, nil
	}
	i, err := mustIdentity(c, s)
	if err != nil {
		return "", err
	}
	return i.ID, nil
}

// callerOf is whose a job is. All sessions of a role or user are the same.
func callerOf(c *op.Call) string {
	if c.Caller.Bearer != nil {
		return string(c.Caller.Bearer.ID)
	}
	return c.Caller.ID
}

// mustJob is a job that the caller has made and that is not over.
func mustJob(c *op.Call, id string) (*directory.AccessJob, error) {
	job, err := directory.GetAccessJob(c.Snap, c.Caller.Account, id, c.Now)
	if err == nil && (job == nil || job.By != callerOf(c)) {
		return nil, noSuchEntity("The job with id %s cannot be found.", id)
	}
	return job, err
}

func needServiceLastAccessedDetails(*op.Call, *shape.GetServiceLastAccessedDetailsRequest) ([]op.Need, error) {
	return need("GetServiceLastAccessedDetails", "*"), nil
}

func getServiceLastAccessedDetails(_ context.Context, c *op.Call, in *shape.GetServiceLastAccessedDetailsRequest) (*shape.GetServiceLastAccessedDetailsResponse, error) {
	job, err := mustJob(c, in.JobId)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	out := &shape.GetServiceLastAccessedDetailsResponse{
		JobStatus:            shape.JobStatusTypeCompleted,
		JobType:              new(granularity(job)),
		JobCreationDate:      job.Created.Time(),
		JobCompletionDate:    job.Created.Time(),
		ServicesLastAccessed: []shape.ServiceLastAccessed{},
		IsTruncated:          new(false),
	}
	report, err := reportOf(c, job)
	if err != nil {
		return nil, err
	}
	if report == nil {
		out.JobStatus, out.Error = shape.JobStatusTypeFailed, gone(job)
		return out, nil
	}
	namespace := func(s string) string { return s }
	p, err := paged(op.After(report.services(), cursor, namespace), in.MaxItems, namespace)
	if err != nil {
		return nil, err
	}
	out.IsTruncated, out.Marker = &p.more, p.marker
	out.ServicesLastAccessed, err = report.describe(p.items)
	return out, err
}

func granularity(job *directory.AccessJob) string {
	if job.Actions {
		return shape.AccessAdvisorUsageGranularityTypeActionLevel
	}
	return shape.AccessAdvisorUsageGranularityTypeServiceLevel
}

// gone is why a report fails: a report is made when it is fetched, and what it is about
// has been deleted since it was asked for.
func gone(job *directory.AccessJob) *shape.ErrorDetails {
	return &shape.ErrorDetails{Code: "NoSuchEntity", Message: "The entity " + job.Name + " cannot be found."}
}

func needServiceLastAccessedDetailsWithEntities(*op.Call, *shape.GetServiceLastAccessedDetailsWithEntitiesRequest) ([]op.Need, error) {
	return need("GetServiceLastAccessedDetailsWithEntities", "*"), nil
}

func getServiceLastAccessedDetailsWithEntities(_ context.Context, c *op.Call, in *shape.GetServiceLastAccessedDetailsWithEntitiesRequest) (*shape.GetServiceLastAccessedDetailsWithEntitiesResponse, error) {
	job, err := mustJob(c, in.JobId)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	out := &shape.GetServiceLastAccessedDetailsWithEntitiesResponse{
		JobStatus:         shape.JobStatusTypeCompleted,
		JobCreationDate:   job.Created.Time(),
		JobCompletionDate: job.Created.Time(),
		EntityDetailsList: []shape.EntityDetails{},
		IsTruncated:       new(false),
	}
	report, err := reportOf(c, job)
	if err != nil {
		return nil, err
	}
	if report == nil {
		out.JobStatus, out.Error = shape.JobStatusTypeFailed, gone(job)
		return out, nil
	}
	accessors, err := report.accessorsOf(strings.ToLower(in.ServiceNamespace))
	if err != nil {
		return nil, err
	}
	p, err := paged(op.After(accessors, cursor, accessor.cursor), in.MaxItems, accessor.cursor)
	if err != nil {
		return nil, err
	}
	out.IsTruncated, out.Marker = &p.more, p.marker
	for _, a := range p.items {
		out.EntityDetailsList = append(out.EntityDetailsList, a.describe())
	}
	return out, nil
}
