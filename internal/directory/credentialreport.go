package directory

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// CredentialReport says how far an account's credential report is. It is made
// chunk by chunk, each in a transaction of its own; one that begins anew writes
// over the chunks of the one before and drops those that are left over.
type CredentialReport struct {
	Account ids.Account `cbor:"1,keyasint"`
	Begun   Millis      `cbor:"2,keyasint"`
	Made    Millis      `cbor:"3,keyasint"` // when it was complete; 0 while it is not
	After   string      `cbor:"4,keyasint"` // a Cursor of Users: where the next chunk goes on
	Listed  bool        `cbor:"5,keyasint"` // no chunk is missing
	Chunks  int         `cbor:"6,keyasint"` // how many it has
	Stored  int         `cbor:"7,keyasint"` // how many are there, those of the one before included
}

// droppedChunks is how many chunks of an older report one transaction drops.
const droppedChunks = 50

func credentialReportKey(a ids.Account) string { return credentialReports + string(a) }

func reportPendingKey(a ids.Account) string { return reportsPending + string(a) }

func reportChunkKey(a ids.Account, number int) string {
	return fmt.Sprintf("%s%s/%06d", reportChunks, a, number)
}

// GetCredentialReport returns the account's report, complete or not, or nil.
func GetCredentialReport(r store.Reader, a ids.Account) (*CredentialReport, error) {
	return get[CredentialReport](r, credentialReportKey(a))
}

// PendingReport is a report that is not complete, or nil.
func PendingReport(r store.Reader) (*CredentialReport, error) {
	for pair, err := range r.Scan(reportsPending, store.PrefixEnd(reportsPending)) {
		if err != nil {
			return nil, err
		}
		return GetCredentialReport(r, ids.Account(strings.TrimPrefix(pair.Key, reportsPending)))
	}
	return nil, nil
}

// BeginReport begins the account's report, in the place of was; nil for none.
func BeginReport(tx store.Tx, was *CredentialReport, a ids.Account, now time.Time) (*CredentialReport, error) {
	rep := &CredentialReport{Account: a, Begun: At(now)}
	if was != nil {
		rep.Stored = was.Stored
	}
	if err := tx.Put(reportPendingKey(a), []byte(a)); err != nil {
		return nil, err
	}
	return rep, put(tx, credentialReportKey(a), rep)
}

// AddChunk stores the next chunk of a report that is not Listed, which goes on
// behind after; listed says that it doesn't.
func (rep *CredentialReport) AddChunk(tx store.Tx, chunk []byte, after string, listed bool, now time.Time) error {
	changed := *rep
	if err := tx.Put(reportChunkKey(rep.Account, rep.Chunks), chunk); err != nil {
		return err
	}
	changed.Chunks++
	changed.Stored = max(rep.Stored, changed.Chunks)
	changed.After, changed.Listed = after, listed
	return changed.put(tx, now)
}

// DropOld removes some of what a Listed report has from the one before.
func (rep *CredentialReport) DropOld(tx store.Tx, now time.Time) error {
	changed := *rep
	for range min(droppedChunks, rep.Stored-rep.Chunks) {
		changed.Stored--
		if err := tx.Delete(reportChunkKey(rep.Account, changed.Stored)); err != nil {
			return err
		}
	}
	return changed.put(tx, now)
}

// put stores rep, as complete when it is.
func (rep *CredentialReport) put(tx store.Tx, now time.Time) error {
	if rep.Listed && rep.Stored == rep.Chunks {
		rep.Made = At(now)
		if err := tx.Delete(reportPendingKey(rep.Account)); err != nil {
			return err
		}
	}
	return put(tx, credentialReportKey(rep.Account), rep)
}

// Content is a complete report, whole.
func (rep *CredentialReport) Content(r store.Reader) ([]byte, error) {
	var whole bytes.Buffer
	for chunk, err := range rep.content(r) {
		if err != nil {
			return nil, err
		}
		whole.Write(chunk)
	}
	return whole.Bytes(), nil
}

func (rep *CredentialReport) content(r store.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i := range rep.Chunks {
			key := reportChunkKey(rep.Account, i)
			chunk, ok, err := r.Get(key)
			if err == nil && !ok {
				err = fmt.Errorf("there is no %s", key)
			}
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

// addReports adds the checks of credential reports.
func addReports(c *checker, spaces map[string]spaceCheck) {
	spaces[credentialReports], spaces[reportChunks], spaces[reportsPending] = c.credentialReport, c.reportChunk, c.reportPending
}

// credentialReport makes sure that a report has its chunks and is said to be
// pending when it is.
func (c *checker) credentialReport(key string, value []byte) error {
	rep, err := decode[CredentialReport](key, value)
	if err != nil {
		return err
	}
	if credentialReportKey(rep.Account) != key {
		c.problem("%s: holds the report of account %s", key, rep.Account)
	}
	for _, err := range rep.content(c.r) {
		if err != nil {
			return err
		}
	}
	_, pending, err := c.r.Get(reportPendingKey(rep.Account))
	if err == nil && pending != (rep.Made == 0) {
		c.problem("%s: complete or not, is listed as pending: %v", key, pending)
	}
	return err
}

// reportChunk makes sure that a chunk is one of a report.
func (c *checker) reportChunk(key string, _ []byte) error {
	account, number, _ := strings.Cut(strings.TrimPrefix(key, reportChunks), "/")
	n, bad := strconv.Atoi(number)
	rep, err := GetCredentialReport(c.r, ids.Account(account))
	if err == nil && (rep == nil || bad != nil || n >= rep.Stored) {
		c.problem("%s: belongs to no report", key)
	}
	return err
}

func (c *checker) reportPending(key string, _ []byte) error {
	rep, err := GetCredentialReport(c.r, ids.Account(strings.TrimPrefix(key, reportsPending)))
	if err == nil && rep == nil {
		c.problem("%s: there is no report", key)
	}
	return err
}
