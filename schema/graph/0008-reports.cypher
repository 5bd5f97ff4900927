// Sealed reports: found by content, by the beginning of its hash, and by their place in the chain.
CREATE CONSTRAINT report_book_id IF NOT EXISTS FOR (n:ReportBook) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT sealed_report_id IF NOT EXISTS FOR (n:SealedReport) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT sealed_report_number IF NOT EXISTS FOR (n:SealedReport) REQUIRE n.number IS UNIQUE;
CREATE INDEX sealed_report_short IF NOT EXISTS FOR (n:SealedReport) ON (n.short);
CREATE CONSTRAINT seal_key_id IF NOT EXISTS FOR (n:SealKey) REQUIRE n.id IS UNIQUE;
