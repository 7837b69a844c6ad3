#include "libs/privacy/seal.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/descriptor.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/aead.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::privacy {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

// What to do with the fields of one type. Fields in neither list are clear.
struct Plan {
  std::vector<const FieldDescriptor*> personal;
  // Singular submessages with personal fields somewhere inside.
  std::vector<const FieldDescriptor*> inside;
  absl::Status schema;
  bool any() const { return !personal.empty() || !inside.empty(); }
};

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::personal);
}

// The plans of all types met so far. Never freed.
class Plans {
 public:
  static Plans& Global() {
    static Plans* plans = new Plans;
    return *plans;
  }
  const Plan& For(const Descriptor& type) {
    {
      absl::ReaderMutexLock lock(&mutex_);
      const auto it = plans_.find(&type);
      if (it != plans_.end()) return *it->second;
    }
    auto plan = std::make_unique<Plan>();
    for (int i = 0; i < type.field_count(); ++i) Decide(*type.field(i), *plan);
    absl::MutexLock lock(&mutex_);
    return *plans_.try_emplace(&type, std::move(plan)).first->second;
  }

 private:
  // Whether personal fields are reachable from `type`; types may refer to themselves.
  static bool Reaches(const Descriptor& type, absl::flat_hash_set<const Descriptor*>& seen) {
    if (!seen.insert(&type).second) return false;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (IsPersonal(field)) return true;
      if (field.message_type() != nullptr && Reaches(*field.message_type(), seen)) return true;
    }
    return false;
  }
  static void Decide(const FieldDescriptor& field, Plan& plan) {
    if (IsPersonal(field)) {
      plan.personal.push_back(&field);
      return;
    }
    absl::flat_hash_set<const Descriptor*> seen;
    if (field.message_type() == nullptr || !Reaches(*field.message_type(), seen)) return;
    if (field.is_repeated()) {
      plan.schema = absl::FailedPreconditionError(
          absl::StrCat(field.full_name(), " repeats personal fields and must itself be personal"));
      return;
    }
    plan.inside.push_back(&field);
  }

  absl::Mutex mutex_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<Plan>> plans_ ABSL_GUARDED_BY(mutex_);
};

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection& access = *message.GetReflection();
  return field->is_repeated() ? access.FieldSize(message, field) > 0
                              : access.HasField(message, field);
}

// Moves the personal fields of `message` into `personal`, an empty message of its type. True when
// there were any.
absl::StatusOr<bool> Extract(Message& message, Message& personal) {
  const Plan& plan = Plans::Global().For(*message.GetDescriptor());
  RETURN_IF_ERROR(plan.schema);
  const Reflection& access = *message.GetReflection();
  std::vector<const FieldDescriptor*> moved;
  for (const FieldDescriptor* field : plan.personal) {
    if (IsSet(message, field)) moved.push_back(field);
  }
  if (!moved.empty()) access.SwapFields(&message, &personal, moved);
  bool any = !moved.empty();
  for (const FieldDescriptor* field : plan.inside) {
    if (!access.HasField(message, field)) continue;
    ASSIGN_OR_RETURN(const bool inner, Extract(*access.MutableMessage(&message, field),
                                               *access.MutableMessage(&personal, field)));
    if (!inner) access.ClearField(&personal, field);
    any |= inner;
  }
  return any;
}

std::string Associated(absl::string_view key_id, absl::string_view context) {
  // The size keeps ("ab", "c") and ("a", "bc") apart.
  return absl::StrCat(key_id.size(), ":", key_id, "|", context);
}

// A nonce from what is sealed. Its key is derived, so that the one of AES has one use.
std::string RowNonce(const PersonKey& key, absl::string_view associated, absl::string_view plain) {
  const Digest nonce_key = HmacSha256(key.secret, "pdp row nonce 1");
  const std::string input = absl::StrCat(associated.size(), ":", associated, plain);
  return std::string(HmacSha256(nonce_key.view(), input).view().substr(0, kNonceBytes));
}

// `random`: null derives the nonce.
absl::StatusOr<Split> SealWith(const Message& message, absl::string_view subject,
                               absl::string_view context, KeyVault& vault, Random* random) {
  const Plan& plan = Plans::Global().For(*message.GetDescriptor());
  RETURN_IF_ERROR(plan.schema);
  if (!plan.any()) return Split{DeterministicBytes(message), std::nullopt};
  // Both parts live on an arena: sealing is on the path of every command.
  google::protobuf::Arena arena;
  Message* const clear = message.New(&arena);
  Message* const personal = message.New(&arena);
  clear->MergeFrom(message);
  ASSIGN_OR_RETURN(const bool any, Extract(*clear, *personal));
  Split split{DeterministicBytes(*clear), std::nullopt};
  if (!any) return split;
  if (subject.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(message.GetDescriptor()->full_name(),
                                                   " holds personal data and names no person"));
  }
  ASSIGN_OR_RETURN(const PersonKey key, vault.Obtain(subject));
  log::v1::Sealed& sealed = split.sealed.emplace();
  sealed.set_key_id(key.id);
  const std::string associated = Associated(key.id, context);
  const std::string plain = DeterministicBytes(*personal);
  sealed.set_nonce(random != nullptr ? random->Bytes(kNonceBytes)
                                     : RowNonce(key, associated, plain));
  sealed.set_ciphertext(AeadSeal(key.secret, sealed.nonce(), associated, plain));
  return split;
}

}  // namespace

absl::StatusOr<Split> Seal(const Message& message, absl::string_view subject,
                           absl::string_view context, KeyVault& vault, Random& random) {
  return SealWith(message, subject, context, vault, &random);
}

absl::StatusOr<Split> SealRow(const Message& message, absl::string_view subject,
                              absl::string_view context, KeyVault& vault) {
  return SealWith(message, subject, context, vault, nullptr);
}

absl::StatusOr<bool> Unseal(absl::string_view clear, const log::v1::Sealed* sealed,
                            absl::string_view context, KeyVault& vault, Message* out) {
  if (!out->ParseFromArray(clear.data(), static_cast<int>(clear.size()))) {
    return absl::DataLossError(absl::StrCat(out->GetDescriptor()->full_name(), " does not parse"));
  }
  if (sealed == nullptr || sealed->ciphertext().empty()) return true;
  const absl::StatusOr<PersonKey> key = vault.Find(sealed->key_id());
  if (absl::IsNotFound(key.status())) return false;
  RETURN_IF_ERROR(key.status());
  ASSIGN_OR_RETURN(const std::string plain,
                   AeadOpen(key->secret, sealed->nonce(), Associated(sealed->key_id(), context),
                            sealed->ciphertext()));
  if (!out->MergeFromString(plain)) {
    return absl::DataLossError(absl::StrCat("the personal part of ",
                                            out->GetDescriptor()->full_name(), " does not parse"));
  }
  return true;
}

absl::StatusOr<bool> HasPersonalFields(const Descriptor& type) {
  absl::flat_hash_set<const Descriptor*> seen = {&type};
  std::vector<const Descriptor*> left = {&type};
  while (!left.empty()) {
    const Plan& plan = Plans::Global().For(*left.back());
    left.pop_back();
    RETURN_IF_ERROR(plan.schema);
    for (const FieldDescriptor* field : plan.inside) {
      if (seen.insert(field->message_type()).second) left.push_back(field->message_type());
    }
  }
  return Plans::Global().For(type).any();
}

}  // namespace pdp::privacy
