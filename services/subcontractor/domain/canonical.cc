#include "services/subcontractor/domain/canonical.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "libs/base/check.h"
#include "libs/base/hash.h"

namespace pdp::subcontractor {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Append(const Message& message, const std::string& prefix, std::string& out);

// `index` -1 for a field that is no list.
void AppendField(const Message& message, const FieldDescriptor* field, int index,
                 const std::string& path, std::string& out) {
  const Reflection* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Append(repeated ? reflection->GetRepeatedMessage(message, field, index)
                             : reflection->GetMessage(message, field),
                    absl::StrCat(path, "."), out);
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = repeated ? reflection->GetRepeatedString(message, field, index)
                                  : reflection->GetString(message, field);
      if (field->type() == FieldDescriptor::TYPE_BYTES) text = absl::BytesToHexString(text);
      absl::StrAppend(&out, path, "=",
                      absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\n", "\\n"}}), "\n");
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      absl::StrAppend(&out, path, "=",
                      (repeated ? reflection->GetRepeatedEnum(message, field, index)
                                : reflection->GetEnum(message, field))
                          ->name(),
                      "\n");
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      absl::StrAppend(&out, path, "=",
                      (repeated ? reflection->GetRepeatedBool(message, field, index)
                                : reflection->GetBool(message, field))
                          ? "true"
                          : "false",
                      "\n");
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(&out, path, "=",
                      repeated ? reflection->GetRepeatedInt32(message, field, index)
                               : reflection->GetInt32(message, field),
                      "\n");
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(&out, path, "=",
                      repeated ? reflection->GetRepeatedInt64(message, field, index)
                               : reflection->GetInt64(message, field),
                      "\n");
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(&out, path, "=",
                      repeated ? reflection->GetRepeatedUInt32(message, field, index)
                               : reflection->GetUInt32(message, field),
                      "\n");
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(&out, path, "=",
                      repeated ? reflection->GetRepeatedUInt64(message, field, index)
                               : reflection->GetUInt64(message, field),
                      "\n");
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      break;
  }
  PDP_CHECK(false, "what is signed holds no floating point number");
}

void Append(const Message& message, const std::string& prefix, std::string& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);  // set fields, in order of their numbers
  for (const FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (!field->is_repeated()) {
      AppendField(message, field, -1, path, out);
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, field);
    for (int i = 0; i < size; ++i) {
      AppendField(message, field, i, absl::StrCat(path, "[", i, "]"), out);
    }
  }
}

}  // namespace

std::string CanonicalText(const google::protobuf::Message& message) {
  std::string out;
  Append(message, "", out);
  return out;
}

std::string SignedHash(const std::string& title, const google::protobuf::Message& message) {
  return Sha256(absl::StrCat(title, "\n", CanonicalText(message))).hex();
}

}  // namespace pdp::subcontractor
