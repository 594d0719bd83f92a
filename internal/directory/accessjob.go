package directory

import (
	"fmt"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// AccessJob is a report about the services that somebody can access: what it is
// about, and who asked for it. What it says is read when it is fetched.
type AccessJob struct {
	Account ids.Account  `cbor:"1,keyasint"`
	ID      string       `cbor:"2,keyasint"`
	By      string       `cbor:"3,keyasint"` // the ID of the caller, of a session that of its role
	Of      ids.EntityID `cbor:"4,keyasint"` // a user, group, role or policy
	Name    string       `cbor:"5,keyasint"` // its ARN when the job was made
	Actions bool         `cbor:"6,keyasint,omitempty"`
	Created Millis       `cbor:"7,keyasint"`
}

// accessJobLife is how long a job can be fetched.
const accessJobLife = 24 * time.Hour

// mostJobsSwept is how many jobs that are over a new one clears away.
const mostJobsSwept = 20

// NewAccessJobID is a version 7 UUID: it begins with the time, and so the keys of jobs
// are in the order of their age.
func NewAccessJobID(src ids.Source, now time.Time) string {
	ms := uint64(now.UnixMilli())
	return fmt.Sprintf("%08x-%04x-7%s", uint32(ms>>16), uint16(ms), src.UUID()[15:])
}

func accessJobKey(a ids.Account, id string) string { return accessJobs + string(a) + "/" + id }

// GetAccessJob returns the job of that ID, or nil if there is none or it is over.
func GetAccessJob(r store.Reader, a ids.Account, id string, now time.Time) (*AccessJob, error) {
	j, err := get[AccessJob](r, accessJobKey(a, id))
	if err != nil || j == nil || j.over(now) {
		return nil, err
	}
	return j, nil
}

func (j *AccessJob) over(now time.Time) bool { return now.Sub(j.Created.Time()) >= accessJobLife }

// PutAccessJob stores a new job, and removes some that are over.
func PutAccessJob(tx store.Tx, j *AccessJob) error {
	if err := sweepAccessJobs(tx, j.Account, j.Created.Time()); err != nil {
		return err
	}
	return put(tx, accessJobKey(j.Account, j.ID), j)
}

func sweepAccessJobs(tx store.Tx, a ids.Account, now time.Time) error {
	swept := 0
	from := accessJobKey(a, "")
	for pair, err := range tx.Scan(from, store.PrefixEnd(from)) {
		if err != nil {
			return err
		}
		j, err := decode[AccessJob](pair.Key, pair.Value)
		if err != nil {
			return err
		}
		if !j.over(now) || swept == mostJobsSwept {
			return nil
		}
		if err := tx.Delete(pair.Key); err != nil {
			return err
		}
		swept++
	}
	return nil
}

func (c *checker) accessJob(key string, value []byte) error {
	j, err := decode[AccessJob](key, value)
	if err == nil && accessJobKey(j.Account, j.ID) != key {
		c.problem("%s: holds job %s of account %s", key, j.ID, j.Account)
	}
	return err
}
