package iam

import (
	"bytes"
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func credentialReportOperations() []op.Operation {
	return []op.Operation{
		op.Write("GenerateCredentialReport", needGenerateCredentialReport, generateCredentialReport),
		op.Read("GetCredentialReport", needGetCredentialReport, getCredentialReport),
	}
}

// reportLife is how long a report is the latest.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
const reportLife = 4 * time.Hour

func isExpired(rep *directory.CredentialReport, now time.Time) bool {
	return rep.Made != 0 && !now.Before(rep.Made.Time().Add(reportLife))
}

func needGenerateCredentialReport(*op.Call, *shape.GenerateCredentialReportRequest) ([]op.Need, error) {
	return need("GenerateCredentialReport", "*"), nil
}

// generateCredentialReport begins a report, which in a small account makes it
// complete. Otherwise a Reporter goes on with it.
func generateCredentialReport(_ context.Context, c *op.Call, _ *shape.GenerateCredentialReportRequest) (*shape.GenerateCredentialReportResponse, error) {
	was, err := directory.GetCredentialReport(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if was != nil && was.Made == 0 {
		return &shape.GenerateCredentialReportResponse{State: new(shape.ReportStateTypeInprogress)}, nil
	}
	if was != nil && !isExpired(was, c.Now) {
		return &shape.GenerateCredentialReportResponse{State: new(shape.ReportStateTypeComplete)}, nil
	}
	counts, err := directory.CountsOf(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if err := checkMost(c, usersPerCredentialReport, counts[directory.Users.Counted()]); err != nil {
		return nil, err
	}
	rep, err := directory.BeginReport(c.Tx, was, c.Caller.Account, c.Now)
	if err != nil {
		return nil, err
	}
	chunk, err := nextChunk(c.Snap, rep)
	if err != nil {
		return nil, err
	}
	return &shape.GenerateCredentialReportResponse{
		State:       new(shape.ReportStateTypeStarted),
		Description: new("No report exists. Starting a new report generation task"),
	}, rep.AddChunk(c.Tx, chunk.rows, chunk.after, chunk.last, c.Now)
}

func needGetCredentialReport(*op.Call, *shape.GetCredentialReportRequest) ([]op.Need, error) {
	return need("GetCredentialReport", "*"), nil
}

// getCredentialReport refuses without a text, as AWS does.
// https://github.com/turbot/steampipe-plugin-aws/issues/509
func getCredentialReport(_ context.Context, c *op.Call, _ *shape.GetCredentialReportRequest) (*shape.GetCredentialReportResponse, error) {
	rep, err := directory.GetCredentialReport(c.Snap, c.Caller.Account)
	switch {
	case err != nil:
		return nil, err
	case rep == nil:
		return nil, &awserr.Error{Status: 410, Code: "ReportNotPresent"}
	case rep.Made == 0:
		return nil, &awserr.Error{Status: 404, Code: "ReportInProgress"}
	case isExpired(rep, c.Now):
		return nil, &awserr.Error{Status: 410, Code: "ReportExpired"}
	}
	content, err := rep.Content(c.Snap)
	return &shape.GetCredentialReportResponse{
		Content:       bytes.TrimSuffix(content, []byte("\n")),
		GeneratedTime: new(rep.Made.Time()),
		ReportFormat:  new(shape.ReportFormatTypeTextCsv),
	}, err
}
