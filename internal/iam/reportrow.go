package iam

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// reportColumns are the columns of a credential report.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
var reportColumns = []string{
	"user", "arn", "user_creation_time",
	"password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// What stands in a column that has no value.
const (
	notApplicable = "N/A"
	notSupported  = "not_supported"  // for root
	noInformation = "no_information" // a password that was never used: nothing takes passwords yet
)

// The limits of a chunk. Rows are short; names and paths make some of them long.
const (
	chunkUsers = 200
	chunkBytes = 64 << 10
)

// reportChunk is some rows of a report.
type reportChunk struct {
	rows  []byte
	after string // where the next chunk goes on
	last  bool
}

// nextChunk makes the next chunk of a report. The first begins with the names of
// the columns and root's row.
func nextChunk(r store.Reader, rep *directory.CredentialReport) (reportChunk, error) {
	w, err := newReportWriter(r, rep)
	if err != nil {
		return reportChunk{}, err
	}
	if rep.Chunks == 0 {
		if err := w.begin(rep); err != nil {
			return reportChunk{}, err
		}
	}
	after, n := rep.After, 0
	for u, err := range directory.Users.List(r, rep.Account, "/", rep.After) {
		if err != nil {
			return reportChunk{}, err
		}
		if n == chunkUsers || w.rows.Len() >= chunkBytes {
			return reportChunk{w.rows.Bytes(), after, false}, nil
		}
		if err := w.user(u); err != nil {
			return reportChunk{}, err
		}
		after, n = directory.Users.Cursor("/", u), n+1
	}
	return reportChunk{w.rows.Bytes(), after, true}, nil
}

// reportWriter writes rows.
type reportWriter struct {
	r      store.Reader
	policy *directory.PasswordPolicy // nil for none
	rows   bytes.Buffer
	csv    *csv.Writer
}

func newReportWriter(r store.Reader, rep *directory.CredentialReport) (*reportWriter, error) {
	policy, err := directory.GetPasswordPolicy(r, rep.Account)
	w := &reportWriter{r: r, policy: policy}
	w.csv = csv.NewWriter(&w.rows)
	return w, err
}

func (w *reportWriter) begin(rep *directory.CredentialReport) error {
	a, err := directory.GetAccount(w.r, rep.Account)
	if err != nil {
		return err
	}
	if err := w.write(reportColumns); err != nil {
		return err
	}
	root := a.RootUser()
	root.Created, root.Keys = a.Created, a.Keys
	password := []string{notSupported, noInformation, notSupported, notSupported}
	return w.row("<root_account>", a.ARN(), root, password)
}

func (w *reportWriter) user(u *directory.User) error {
	profile, err := directory.GetLoginProfile(w.r, u)
	if err != nil {
		return err
	}
	return w.row(u.Name, u.ARN(), u, w.password(profile))
}

// password are the four columns on a user's password.
func (w *reportWriter) password(p *directory.LoginProfile) []string {
	if p == nil {
		return []string{"false", notApplicable, notApplicable, notApplicable}
	}
	next := notApplicable
	if w.policy != nil && w.policy.MaxAge > 0 {
		next = reportTime(p.Changed.Time().AddDate(0, 0, int(w.policy.MaxAge)))
	}
	return []string{"true", noInformation, reportTime(p.Changed.Time()), next}
}

func (w *reportWriter) row(name, arn string, u *directory.User, password []string) error {
	mfa, err := directory.HasMFADevice(w.r, u)
	if err != nil {
		return err
	}
	row := append([]string{name, arn, reportTime(u.Created.Time())}, password...)
	row = append(row, strconv.FormatBool(mfa))
	for i := range 2 {
		if row, err = w.accessKey(row, u.Keys, i); err != nil {
			return err
		}
	}
	certificates, err := directory.SigningCertificates.Of(w.r, u)
	if err != nil {
		return err
	}
	for i := range 2 {
		if i >= len(certificates) {
			row = append(row, "false", notApplicable)
			continue
		}
		row = append(row, strconv.FormatBool(!certificates[i].Inactive), reportTime(certificates[i].Created.Time()))
	}
	return w.write(row)
}

// accessKey adds the columns on one access key.
func (w *reportWriter) accessKey(row []string, keys []directory.HeldKey, at int) ([]string, error) {
	if at >= len(keys) {
		return append(row, "false", notApplicable, notApplicable, notApplicable, notApplicable), nil
	}
	key := keys[at]
	row = append(row, strconv.FormatBool(key.Active), reportTime(key.Created.Time()))
	used, err := directory.GetLastUsed(w.r, key.ID)
	if err != nil {
		return nil, err
	}
	if used == nil {
		return append(row, notApplicable, notApplicable, notApplicable), nil
	}
	return append(row, reportTime(used.Date.Time()), used.Region, used.Service), nil
}

func (w *reportWriter) write(row []string) error {
	if err := w.csv.Write(row); err != nil {
		return err
	}
	w.csv.Flush() // so that rows has it
	return w.csv.Error()
}

func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }
