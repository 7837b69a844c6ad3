#include "tests/faults/faulty_disk.h"

namespace pdp::faults {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

class FullFile final : public rocksdb::WritableFileWrapper {
 public:
  FullFile(std::unique_ptr<rocksdb::WritableFile> file, const std::atomic<bool>& full)
      : WritableFileWrapper(file.get()), file_(std::move(file)), full_(full) {}

  Status Append(const Slice& data) override {
    if (!full_) return file_->Append(data);
    (void)file_->Append(Slice(data.data(), data.size() / 2));
    return Status::NoSpace("the test filled the disk");
  }
  Status Append(const Slice& data, const rocksdb::DataVerificationInfo&) override {
    return Append(data);
  }
  Status PositionedAppend(const Slice& data, uint64_t offset) override {
    return full_ ? Status::NoSpace("the test filled the disk")
                 : file_->PositionedAppend(data, offset);
  }
  Status PositionedAppend(const Slice& data, uint64_t offset,
                          const rocksdb::DataVerificationInfo&) override {
    return PositionedAppend(data, offset);
  }

 private:
  const std::unique_ptr<rocksdb::WritableFile> file_;
  const std::atomic<bool>& full_;
};

class UnreadableFile final : public rocksdb::RandomAccessFile {
 public:
  UnreadableFile(std::unique_ptr<rocksdb::RandomAccessFile> file,
                 const std::atomic<bool>& unreadable)
      : file_(std::move(file)), unreadable_(unreadable) {}

  Status Read(uint64_t offset, size_t n, Slice* result, char* scratch) const override {
    if (unreadable_) return Status::IOError("the test broke the disk");
    return file_->Read(offset, n, result, scratch);
  }
  size_t GetUniqueId(char* id, size_t size) const override { return file_->GetUniqueId(id, size); }

 private:
  const std::unique_ptr<rocksdb::RandomAccessFile> file_;
  const std::atomic<bool>& unreadable_;
};

}  // namespace

Status FaultyDisk::NewWritableFile(const std::string& name,
                                   std::unique_ptr<rocksdb::WritableFile>* result,
                                   const rocksdb::EnvOptions& options) {
  std::unique_ptr<rocksdb::WritableFile> file;
  const Status made = target()->NewWritableFile(name, &file, options);
  if (made.ok()) *result = std::make_unique<FullFile>(std::move(file), full_);
  return made;
}

Status FaultyDisk::NewRandomAccessFile(const std::string& name,
                                       std::unique_ptr<rocksdb::RandomAccessFile>* result,
                                       const rocksdb::EnvOptions& options) {
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  const Status opened = target()->NewRandomAccessFile(name, &file, options);
  if (opened.ok()) *result = std::make_unique<UnreadableFile>(std::move(file), unreadable_);
  return opened;
}

}  // namespace pdp::faults
