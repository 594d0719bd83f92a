package directory

import (
	"fmt"
	"iter"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/totp"
)

// MFADevice is a virtual MFA device. Its path and name are its serial number and
// never change; names are unique ignoring case within a path.
type MFADevice struct {
	Account ids.Account  `cbor:"1,keyasint"`
	Path    string       `cbor:"2,keyasint"`
	Name    string       `cbor:"3,keyasint"`
	Tags    []Tag        `cbor:"4,keyasint,omitempty"`
	Sealed  []byte       `cbor:"5,keyasint"`           // the seed, sealed to this record's key
	User    ids.EntityID `cbor:"6,keyasint,omitempty"` // whose it is; "" while it is nobody's
	Enabled Millis       `cbor:"7,keyasint"`           // when it became User's
	Drift   totp.Counter `cbor:"8,keyasint"`           // how many steps its clock is ahead
	Used    totp.Counter `cbor:"9,keyasint"`           // the last step that a code was taken of
}

// MFAState says which devices of an account a listing is about.
type MFAState string

// The states.
const (
	AnyMFA        MFAState = mfaDevices
	AssignedMFA   MFAState = mfaAssigned
	UnassignedMFA MFAState = mfaUnassigned
)

func mfaPlace(path, name string) string { return path + strings.ToLower(name) }

func mfaKey(a ids.Account, place string) string { return mfaDevices + string(a) + place }

func mfaUserKey(a ids.Account, user ids.EntityID, place string) string {
	return mfaOfUser + string(a) + "/" + string(user) + place
}

// MFASerial is the serial number of a virtual device, whether there is one or not.
func MFASerial(a ids.Account, path, name string) string {
	return owner(a).Entity(arn.Entity{Kind: arn.MFA, Path: path, Name: name}).String()
}

// Serial is the device's serial number, which is its ARN.
func (d *MFADevice) Serial() string { return MFASerial(d.Account, d.Path, d.Name) }

// Place orders the devices of an account, and is where a listing goes on.
func (d *MFADevice) Place() string { return mfaPlace(d.Path, d.Name) }

func (d *MFADevice) key() string { return mfaKey(d.Account, d.Place()) }

// MFADeviceBySerial returns the account's device of that serial number, ignoring
// the case of its name, or nil.
func MFADeviceBySerial(r store.Reader, a ids.Account, serial string) (*MFADevice, error) {
	name, err := arn.Parse(serial)
	if err != nil || name.Owner() != owner(a) {
		return nil, nil
	}
	e, ok := name.Entity()
	if !ok || e.Kind != arn.MFA {
		return nil, nil
	}
	return get[MFADevice](r, mfaKey(a, mfaPlace(e.Path, e.Name)))
}

// PutMFADevice stores d. was is the record that it replaces, nil for a new one.
func PutMFADevice(tx store.Tx, was, d *MFADevice) error {
	if was != nil {
		if err := deleteMFAIndexes(tx, was); err != nil {
			return err
		}
	}
	if err := countMFADevice(tx, was, d); err != nil {
		return err
	}
	for _, index := range d.indexes() {
		if err := tx.Put(index, []byte(d.key())); err != nil {
			return err
		}
	}
	return put(tx, d.key(), d)
}

// DeleteMFADevice removes d.
func DeleteMFADevice(tx store.Tx, d *MFADevice) error {
	if err := deleteMFAIndexes(tx, d); err != nil {
		return err
	}
	if err := countMFADevice(tx, d, nil); err != nil {
		return err
	}
	return tx.Delete(d.key())
}

// countMFADevice counts the device that was was, nil for none, and now is.
func countMFADevice(tx store.Tx, was, now *MFADevice) error {
	count := func(d *MFADevice, add int) error {
		if d == nil {
			return nil
		}
		if d.User != "" {
			if err := addCount(tx, d.Account, MFADevicesInUse, add); err != nil {
				return err
			}
		}
		return addCount(tx, d.Account, MFADevices, add)
	}
	if err := count(was, -1); err != nil {
		return err
	}
	return count(now, +1)
}

func deleteMFAIndexes(tx store.Tx, d *MFADevice) error {
	for _, index := range d.indexes() {
		if err := tx.Delete(index); err != nil {
			return err
		}
	}
	return nil
}

func (d *MFADevice) indexes() []string {
	if d.User == "" {
		return []string{mfaUnassigned + string(d.Account) + d.Place()}
	}
	return []string{mfaAssigned + string(d.Account) + d.Place(), mfaUserKey(d.Account, d.User, d.Place())}
}

// ListMFADevices yields the account's devices that are in a state, from the first
// behind the place after, which "" is before.
func ListMFADevices(r store.Reader, a ids.Account, state MFAState, after string) iter.Seq2[*MFADevice, error] {
	return scanMFADevices(r, string(state)+string(a), after)
}

// HasMFADevice reports whether the user has any.
func HasMFADevice(r store.Reader, u *User) (bool, error) {
	for _, err := range MFADevicesOf(r, u, "") {
		return err == nil, err
	}
	return false, nil
}

// MFADevicesOf yields the user's devices, as ListMFADevices does.
func MFADevicesOf(r store.Reader, u *User, after string) iter.Seq2[*MFADevice, error] {
	return scanMFADevices(r, mfaUserKey(u.Account, u.ID, ""), after)
}

func scanMFADevices(r store.Reader, space, after string) iter.Seq2[*MFADevice, error] {
	from := space + "/"
	if after != "" {
		from = space + after + "\x00"
	}
	return func(yield func(*MFADevice, error) bool) {
		for pair, err := range r.Scan(from, store.PrefixEnd(space+"/")) {
			if err != nil {
				yield(nil, err)
				return
			}
			key := pair.Key
			if !strings.HasPrefix(key, mfaDevices) {
				key = string(pair.Value)
			}
			d, err := get[MFADevice](r, key)
			if err == nil && d == nil {
				err = fmt.Errorf("index %s leads to no MFA device", pair.Key)
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}
