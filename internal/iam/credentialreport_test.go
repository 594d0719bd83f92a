package iam_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

func generateReport(t *testing.T, w *optest.World, want string) {
	t.Helper()
	out := optest.Must[shape.GenerateCredentialReportResponse](w, w.Root(), "GenerateCredentialReport", &shape.GenerateCredentialReportRequest{})
	if *out.State != want {
		t.Errorf("GenerateCredentialReport answers %s, want %s", *out.State, want)
	}
}

// getReport is the report's lines.
func getReport(w *optest.World) []string {
	out := optest.Must[shape.GetCredentialReportResponse](w, w.Root(), "GetCredentialReport", &shape.GetCredentialReportRequest{})
	return strings.Split(string(out.Content), "\n")
}

func reporterOf(w *optest.World) *iam.Reporter {
	return &iam.Reporter{Store: w.Store, Now: func() time.Time { return w.Now }, Log: slog.New(slog.DiscardHandler)}
}

func TestCredentialReportStates(t *testing.T) {
	w := optest.New(t, iam.Service())
	refuse := func(status int, code string) {
		t.Helper()
		w.Refused(w.Root(), "GetCredentialReport", &shape.GetCredentialReportRequest{}, status, code, "")
	}
	refuse(410, "ReportNotPresent")
	generateReport(t, w, "STARTED")
	generateReport(t, w, "COMPLETE")
	out := optest.Must[shape.GetCredentialReportResponse](w, w.Root(), "GetCredentialReport", &shape.GetCredentialReportRequest{})
	if *out.ReportFormat != "text/csv" || !out.GeneratedTime.Equal(w.Now) {
		t.Errorf("report %+v", out)
	}
	createUser(w, "late", "") // is in the next one
	w.Now = w.Now.Add(4*time.Hour - time.Second)
	generateReport(t, w, "COMPLETE")
	if lines := getReport(w); len(lines) != 2 {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	w.Now = w.Now.Add(time.Second)
	refuse(410, "ReportExpired")
	generateReport(t, w, "STARTED")
	if lines := getReport(w); len(lines) != 3 {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}

func TestCredentialReportRows(t *testing.T) {
	w := optest.New(t, iam.Service())
	t0 := w.Now
	createUser(w, "ann", "/eng/")
	createUser(w, "=b,ob", "")
	createLogin(w, "ann", "Correct-horse-1")
	do(t, w, "UpdateAccountPasswordPolicy", &shape.UpdateAccountPasswordPolicyRequest{MaxPasswordAge: new(int32(90))})
	phone := createMFA(t, w, "phone")
	do(t, w, "EnableMFADevice", phone.enable("ann", phone.code(-1), phone.code(0)))
	key := optest.Must[shape.CreateAccessKeyResponse](w, w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: new("ann")}).AccessKey
	w.Now = w.Now.Add(time.Hour)
	spare := optest.Must[shape.CreateAccessKeyResponse](w, w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: new("ann")}).AccessKey
	do(t, w, "UpdateAccessKey", &shape.UpdateAccessKeyRequest{UserName: new("ann"), AccessKeyId: spare.AccessKeyId, Status: "Inactive"})
	uploadSigning(w, w.Root(), new("ann"), issue(t, "ann", nil, t0).pem)
	do(t, w, "CreateAccessKey", &shape.CreateAccessKeyRequest{})
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutLastUsed(tx, ids.KeyID(key.AccessKeyId), &directory.LastUsed{Date: directory.At(t0.Add(time.Minute)), Service: "s3", Region: "eu-west-1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	generateReport(t, w, "STARTED")
	want := []string{
		"user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
			"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
			"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
			"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
		"<root_account>,arn:aws:iam::123456789012:root,2026-11-22T10:15:00+00:00,not_supported,no_information,not_supported,not_supported,false," +
			"true,2026-11-22T11:15:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		`"=b,ob","arn:aws:iam::123456789012:user/=b,ob",2026-11-22T10:15:00+00:00,false,N/A,N/A,N/A,false,` +
			"false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		"ann,arn:aws:iam::123456789012:user/eng/ann,2026-11-22T10:15:00+00:00,true,no_information,2026-11-22T10:15:00+00:00,2027-02-20T10:15:00+00:00,true," +
			"true,2026-11-22T10:15:00+00:00,2026-11-22T10:16:00+00:00,eu-west-1,s3,false,2026-11-22T11:15:00+00:00,N/A,N/A,N/A," +
			"true,2026-11-22T11:15:00+00:00,false,N/A",
	}
	got := getReport(w)
	if len(got) != len(want) {
		t.Fatalf("%d lines: %q", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d:\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}

// putUsers stores so many users, which is faster than creating them.
func putUsers(t *testing.T, w *optest.World, n int) {
	t.Helper()
	for from := 0; from < n; from += 10 {
		err := w.Store.Update(t.Context(), func(tx store.Tx) error {
			for i := from; i < min(from+10, n); i++ {
				u := &directory.User{Entity: directory.Entity{
					ID: ids.EntityID(fmt.Sprintf("AIDAI%016d", i)), Account: optest.Account, Name: fmt.Sprintf("user-%05d", i), Path: "/", Created: directory.At(w.Now),
				}}
				if err := directory.Users.Put(tx, nil, u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCredentialReportOfManyUsers(t *testing.T) {
	w := optest.New(t, iam.Service())
	const users = 10_000
	putUsers(t, w, users)
	generateReport(t, w, "STARTED")
	generateReport(t, w, "INPROGRESS")
	w.Refused(w.Root(), "GetCredentialReport", &shape.GetCredentialReportRequest{}, 404, "ReportInProgress", "")
	checkClean(t, w)
	r := reporterOf(w)
	for steps := 1; ; steps++ {
		more, err := r.Advance(t.Context())
		if err != nil || steps > users/100 {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		if !more {
			break
		}
	}
	generateReport(t, w, "COMPLETE")
	lines := getReport(w)
	if len(lines) != users+2 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines[2:] {
		if want := fmt.Sprintf("user-%05d,", i); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d is %s", i+2, line)
		}
	}
}

// A report drops the chunks of a longer one before it, some at a time.
func TestCredentialReportShrinks(t *testing.T) {
	w := optest.New(t, iam.Service())
	update := func(fn func(store.Tx) error) {
		t.Helper()
		if err := w.Store.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	before := w.Now.Add(-5 * time.Hour)
	update(func(tx store.Tx) error {
		_, err := directory.BeginReport(tx, nil, optest.Account, before)
		return err
	})
	for i := range 90 {
		update(func(tx store.Tx) error {
			rep, err := directory.GetCredentialReport(tx, optest.Account)
			if err != nil {
				return err
			}
			return rep.AddChunk(tx, []byte("x"), "", i == 89, before)
		})
	}
	generateReport(t, w, "STARTED")
	generateReport(t, w, "INPROGRESS")
	r := reporterOf(w)
	for i, want := range []bool{true, true, false} {
		if more, err := r.Advance(t.Context()); err != nil || more != want {
			t.Errorf("step %d: more %v (%v)", i, more, err)
		}
	}
	if lines := getReport(w); len(lines) != 2 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestUsersPerCredentialReport(t *testing.T) {
	w := optest.New(t, withQuotas(t, "UsersPerCredentialReport=1"))
	createUser(w, "a", "")
	createUser(w, "b", "")
	w.Refused(w.Root(), "GenerateCredentialReport", &shape.GenerateCredentialReportRequest{},
		409, "LimitExceeded", "Cannot exceed quota for UsersPerCredentialReport: 1")
}

// A Reporter goes on with what it finds, and stops when it is told to.
func TestReporterRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := optest.New(t, iam.Service())
		putUsers(t, w, 450)
		generateReport(t, w, "STARTED")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			reporterOf(w).Run(ctx)
			close(done)
		}()
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		stop()
		<-done
		generateReport(t, w, "COMPLETE")
		if lines := getReport(w); len(lines) != 452 {
			t.Errorf("%d lines", len(lines))
		}
	})
}
